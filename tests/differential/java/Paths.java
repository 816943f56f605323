import com.jayway.jsonpath.InvalidPathException;
import com.jayway.jsonpath.JsonPath;
import java.util.Map;

/** Reads paths with Jayway's library: what a path finds as JSON, `nothing`, or `invalid` for one that is none. */
public final class Paths {
    private Paths() {}

    public static void main(String[] arguments) throws Exception {
        Lines.answer(Paths::found);
    }

    private static String found(Map<String, Object> given) {
        JsonPath path;
        try {
            path = JsonPath.compile((String) given.get("path"));
        } catch (InvalidPathException | IllegalArgumentException error) {
            return "invalid " + error.getMessage();
        }
        try {
            return Lines.json(path.read((String) given.get("document")));
        } catch (RuntimeException error) {
            return "nothing " + error.getClass().getSimpleName() + ": " + error.getMessage();
        }
    }
}
