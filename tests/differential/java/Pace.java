import java.util.HashMap;
import java.util.Map;
import org.apache.velocity.Template;

/** How many nanoseconds a rendering takes, over as many as a case says; the template is parsed before, the body each time. */
public final class Pace {
    private static final Map<String, Template> PARSED = new HashMap<>();
    private static long characters;

    private Pace() {}

    public static void main(String[] arguments) throws Exception {
        Engine engine = new Engine();
        Lines.answer(given -> nanoseconds(engine, given));
        if (characters == 0) {
            throw new IllegalStateException("nothing was rendered");
        }
    }

    private static String nanoseconds(Engine engine, Map<String, Object> given) throws Exception {
        String text = (String) given.get("template");
        if (!PARSED.containsKey(text)) {
            PARSED.put(text, engine.parse(text));
        }
        Template template = PARSED.get(text);
        Request request = new Request(given);
        int rounds = ((Number) given.get("rounds")).intValue();
        long start = System.nanoTime();
        for (int round = 0; round < rounds; round++) {
            characters += engine.render(template, request).length();
        }
        return String.valueOf((double) (System.nanoTime() - start) / rounds);
    }
}
