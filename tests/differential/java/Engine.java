import java.io.StringReader;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.velocity.Template;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.event.EventCartridge;
import org.apache.velocity.app.event.InvalidReferenceEventHandler;
import org.apache.velocity.context.Context;
import org.apache.velocity.runtime.RuntimeInstance;
import org.apache.velocity.runtime.log.NullLogChute;
import org.apache.velocity.runtime.parser.node.SimpleNode;
import org.apache.velocity.util.introspection.Info;

/** Velocity 1.7 as AWS's recordings show it: a reference that resolves to nothing is the empty text. */
final class Engine implements InvalidReferenceEventHandler {
    private final RuntimeInstance velocity = new RuntimeInstance();

    Engine() throws Exception {
        velocity.setProperty("runtime.log.logsystem", new NullLogChute());
        velocity.setProperty("resource.loader", "string");
        velocity.setProperty("string.resource.loader.class",
            "org.apache.velocity.runtime.resource.loader.StringResourceLoader");
        velocity.setProperty("directive.foreach.maxloops", 1000);
        velocity.init();
    }

    Template parse(String text) throws Exception {
        Template template = new Template();
        template.setRuntimeServices(velocity);
        template.setName("template");
        SimpleNode tree = velocity.parse(new StringReader(text), "template");
        template.setData(tree);
        template.initDocument();
        return template;
    }

    String render(Template template, Map<String, Object> given) {
        VelocityContext context = new VelocityContext();
        EventCartridge events = new EventCartridge();
        events.addEventHandler(this);
        events.attachToContext(context);
        Map<String, Object> known = map(given.get("known"));
        Map<String, Object> params = new LinkedHashMap<>();
        for (String place : new String[] {"path", "querystring", "header"}) {
            params.put(place, map(known.get(place)));
        }
        context.put("input", new Input((String) given.getOrDefault("body", ""), params));
        context.put("util", new Util());
        context.put("stageVariables", map(known.get("stageVariables")));
        context.put("context", grouped(map(known.get("context"))));
        StringWriter out = new StringWriter();
        template.merge(context, out);
        return out.toString();
    }

    /** Names with dots become groups, which print nothing (recorded from AWS). */
    private static Map<String, Object> grouped(Map<String, Object> flat) {
        Map<String, Object> all = new Group();
        flat.forEach((name, value) -> {
            Map<String, Object> at = all;
            String[] parts = name.split("\\.");
            for (int index = 0; index + 1 < parts.length; index++) {
                at = map(at.computeIfAbsent(parts[index], ignored -> new Group()));
            }
            at.put(parts[parts.length - 1], value);
        });
        return all;
    }

    private static final class Group extends LinkedHashMap<String, Object> {
        private static final long serialVersionUID = 1;

        @Override
        public String toString() {
            return "";
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return value == null ? new LinkedHashMap<>() : (Map<String, Object>) value;
    }

    @Override
    public Object invalidGetMethod(Context context, String reference, Object object, String property, Info info) {
        return "";
    }

    @Override
    public boolean invalidSetMethod(Context context, String left, String right, Info info) {
        return false;
    }

    @Override
    public Object invalidMethod(Context context, String reference, Object object, String method, Info info) {
        return "";
    }
}
