import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** API Gateway's `$input`, on Jayway's library. */
public final class Input {
    private static final Map<String, JsonPath> COMPILED = new ConcurrentHashMap<>();
    private final String body;
    private final Map<String, Object> params;
    private Object document;

    Input(String body, Map<String, Object> params) {
        this.body = body.isEmpty() ? "{}" : body;
        this.params = params;
    }

    private static JsonPath compiled(String text) {
        return COMPILED.computeIfAbsent(text, JsonPath::compile);
    }

    /** As Jayway's library reads JSON: into Java's ordered maps and json-smart's lists, which is what AWS prints (recorded). */
    static Object parse(String text) {
        return Configuration.defaultConfiguration().jsonProvider().parse(text);
    }

    public String getBody() {
        return body;
    }

    public Object path(String text) {
        JsonPath path = compiled(text);
        try {
            return path.read(document());
        } catch (RuntimeException nothing) {
            return null;
        }
    }

    /** What is not there is an empty text in quotes (seen with AWS); that a null is `null` is Tollgate's guess. */
    public String json(String text) {
        JsonPath path = compiled(text);
        try {
            return Lines.json(path.read(document()));
        } catch (RuntimeException nothing) {
            return "\"\"";
        }
    }

    private Object document() {
        if (document == null) {
            document = parse(body);
        }
        return document;
    }

    public Map<String, Object> params() {
        return params;
    }

    public Object params(String name) {
        for (String place : new String[] {"path", "querystring", "header"}) {
            Object value = ((Map<?, ?>) params.getOrDefault(place, new LinkedHashMap<>())).get(name);
            if (value != null) {
                return value;
            }
        }
        return "";
    }
}
