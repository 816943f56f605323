import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.commons.lang.StringEscapeUtils;

/** API Gateway's `$util`. */
public final class Util {
    public String escapeJavaScript(Object text) {
        return StringEscapeUtils.escapeJavaScript(String.valueOf(text));
    }

    public Object parseJson(Object text) {
        return Input.parse(String.valueOf(text));
    }

    public String urlEncode(Object text) {
        return URLEncoder.encode(String.valueOf(text), StandardCharsets.UTF_8);
    }

    public String urlDecode(Object text) {
        return URLDecoder.decode(String.valueOf(text), StandardCharsets.UTF_8);
    }

    public String base64Encode(Object text) {
        return Base64.getEncoder().encodeToString(String.valueOf(text).getBytes(StandardCharsets.UTF_8));
    }

    public String base64Decode(Object text) {
        return new String(Base64.getDecoder().decode(String.valueOf(text)), StandardCharsets.UTF_8);
    }
}
