import java.io.StringReader;
import java.io.StringWriter;
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
    private final Util util = new Util();

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

    String render(Template template, Request request) {
        VelocityContext context = new VelocityContext();
        EventCartridge events = new EventCartridge();
        events.addEventHandler(this);
        events.attachToContext(context);
        context.put("input", new Input(request.body, request.params));
        context.put("util", util);
        context.put("stageVariables", request.stageVariables);
        context.put("context", request.context);
        StringWriter out = new StringWriter();
        template.merge(context, out);
        return out.toString();
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
