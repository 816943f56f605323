/** Renders templates with Velocity. */
public final class Templates {
    private Templates() {}

    public static void main(String[] arguments) throws Exception {
        Engine engine = new Engine();
        Lines.answer(given -> engine.render(engine.parse((String) given.get("template")), new Request(given)));
    }
}
