import java.util.LinkedHashMap;
import java.util.Map;

/** What a template knows of a request, as a case has it: the body, and under `known` the parts by their names. */
final class Request {
    final String body;
    final Map<String, Object> params = new LinkedHashMap<>();
    final Map<String, Object> stageVariables;
    final Map<String, Object> context;

    Request(Map<String, Object> given) {
        Map<String, Object> known = map(given.get("known"));
        body = (String) given.getOrDefault("body", "");
        for (String place : new String[] {"path", "querystring", "header"}) {
            params.put(place, map(known.get(place)));
        }
        stageVariables = map(known.get("stageVariables"));
        context = grouped(map(known.get("context")));
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
}
