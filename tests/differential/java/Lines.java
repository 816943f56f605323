import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import net.minidev.json.JSONStyle;
import net.minidev.json.JSONValue;
import net.minidev.json.parser.JSONParser;
import net.minidev.json.parser.ParseException;

/** Cases as JSON, one a line, from standard input; their answers, likewise, to standard output. */
final class Lines {
    interface Work {
        String answer(Map<String, Object> given) throws Exception;
    }

    private Lines() {}

    @SuppressWarnings("unchecked")
    static void answer(Work work) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(json(answer(work, (Map<String, Object>) parse(line))));
            out.flush();
        }
    }

    private static Map<String, Object> answer(Work work, Map<String, Object> given) {
        Map<String, Object> answer = new LinkedHashMap<>();
        try {
            answer.put("output", work.answer(given));
        } catch (Exception | StackOverflowError | OutOfMemoryError error) {
            Throwable cause = error;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            answer.put("error", cause.getClass().getSimpleName() + ": " + cause.getMessage());
        }
        return answer;
    }

    private static Object parse(String text) throws ParseException {
        return new JSONParser(JSONParser.MODE_PERMISSIVE).parse(text, JSONValue.defaultReader.DEFAULT_ORDERED);
    }

    static String json(Object value) {
        return JSONValue.toJSONString(value, JSONStyle.LT_COMPRESS);
    }
}
