package io.lqrealtime.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The cases follow Nicolas Seriot's JSONTestSuite: what every parser must take, and must refuse.
 */
class JsonLimitsTest {
  private static boolean isJson(String text) {
    return JsonLimits.isJson(text.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isJsonHex(String hex) {
    return JsonLimits.isJson(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[]   ]",
        "[\"\"]",
        "[]",
        "[\"a\"]",
        "[false]",
        "[null, 1, \"1\", {}]",
        "[null]",
        "[1\n]",
        " [1]",
        "[1,null,null,null,2]",
        "[2] ",
        "[123e65]",
        "[0e+1]",
        "[0e1]",
        "[ 4]",
        "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]",
        "[20e1]",
        "[-0]",
        "[-123]",
        "[-1]",
        "[1E22]",
        "[1E-2]",
        "[1E+2]",
        "[123e45]",
        "[123.456e78]",
        "[1e-2]",
        "[1e+2]",
        "[123.456789]",
        "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}",
        "{\"a\":\"b\",\"a\":\"c\"}",
        "{\"a\":\"b\",\"a\":\"b\"}",
        "{}",
        "{\"\":0}",
        "{\"foo\\u0000bar\": 42}",
        "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }",
        "{\"a\":[]}",
        "{\n\"a\": \"b\"\n}",
        "[\"\\u0060\\u012a\\u12AB\"]",
        "[\"\\uD801\\udc37\"]",
        "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
        "[\"\\\\u0000\"]",
        "[\"\\\"\"]",
        "[\"a/*b*/c/*d//e\"]",
        "[\"\\\\a\"]",
        "[\"\\\\n\"]",
        "[\"\\u0012\"]",
        "[\"\\uFFFF\"]",
        "[\"\uffff\"]",
        "[\"\udbff\udfff\"]",
        "[\"\u2028\u2029\u007f\"]",
        "[\"\\uDEAD\"]",
        "\" \"",
        "false",
        "42",
        "-0.1",
        "null",
        "\"asd\"",
        "true",
        "\"\"",
        "[\"a\"]\n",
        "\t\r\n [] \t\r\n",
      })
  void isJson_everyText_isTaken(String text) {
    assertThat(isJson(text)).as(text).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[1 true]",
        "[\"\": 1]",
        "[\"\"],",
        "[,1]",
        "[1,,2]",
        "[\"x\",,]",
        "[\"x\"]]",
        "[\"\",]",
        "[\"x\"",
        "[x",
        "[3[4]]",
        "[:1]",
        "[,",
        "[-]",
        "[   , \"\"]",
        "[\"a\",\n4\n,1,",
        "[1,",
        "[*]",
        "[\"a",
        "[1",
        "[fals]",
        "[nul]",
        "[tru]",
        "[++1234]",
        "[+1]",
        "[-01]",
        "[-1.0.]",
        "[-2.]",
        "[-NaN]",
        "[.-1]",
        "[.2e-3]",
        "[0.1.2]",
        "[0.3e+]",
        "[0.3e]",
        "[0.e1]",
        "[0E+]",
        "[0E]",
        "[0e+]",
        "[1.0e+]",
        "[1.0e-]",
        "[1 000.0]",
        "[1eE2]",
        "[2.e+3]",
        "[2.e3]",
        "[9.e+]",
        "[Inf]",
        "[NaN]",
        "[\uff11]",
        "[1+2]",
        "[0x1]",
        "[0x42]",
        "[Infinity]",
        "[0e+-1]",
        "[-123.123foo]",
        "[-foo]",
        "[- 1]",
        "[-012]",
        "[-.123]",
        "[1.]",
        "[1ea]",
        "[1.8011670033376514H-308]",
        "[1.2a-3]",
        "[012]",
        "[\"x\", truth]",
        "{[: \"x\"}",
        "{\"x\", null}",
        "{\"x\"::\"b\"}",
        "{\"a\":\"a\" 123}",
        "{key: 'value'}",
        "{\"a\" b}",
        "{:\"b\"}",
        "{\"a\" \"b\"}",
        "{\"a\":",
        "{\"a\"",
        "{1:1}",
        "{9999E9999:1}",
        "{null:null,null:null}",
        "{\"id\":0,,,,,}",
        "{'a':0}",
        "{\"id\":0,}",
        "{\"a\":\"b\"}/**/",
        "{\"a\":\"b\"}//",
        "{\"a\":\"b\",,\"c\":\"d\"}",
        "{a: \"b\"}",
        "{\"a\":\"a",
        "{ \"foo\" : \"bar\", \"a\" }",
        "{\"a\":\"b\"}#",
        "[\"\\uD800\\\"]",
        "[\"\\uD800\\u\"]",
        "[\"\\uD800\\u1\"]",
        "[\"\\uD800\\u1x\"]",
        "[\u00e9]",
        "[\"\\\u0000\"]",
        "[\"\\x00\"]",
        "[\"\\\\\\\"]",
        "[\"\\\t\"]",
        "[\"\\🌀\"]",
        "[\"\\\"]",
        "[\"\\u00A\"]",
        "[\"\\a\"]",
        "[\"\\uqqqq\"]",
        "[\\u0020\"asd\"]",
        "[\\n]",
        "\"",
        "['single quote']",
        "abc",
        "[\"\\",
        "[\"a\u0000a\"]",
        "[\"new\nline\"]",
        "[\"\t\"]",
        "\"\\UA66D\"",
        "\"\"x",
        "<.>",
        "[<null>]",
        "[1]x",
        "[1]]",
        "[\"asd]",
        "a\u00e5",
        "[True]",
        "1]",
        "{\"x\": true,",
        "[][]",
        "]",
        "\ufeff{}",
        "\ufeff",
        "[\u2060]",
        "[\u000c]",
        "{\"a\":true} \"x\"",
        "{\"a\": 1",
        "[\u00a0]",
        "1 2",
        "[\u001f1]",
      })
  void isJson_anythingElse_isRefused(String text) {
    assertThat(isJson(text)).as(text).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "22 ff 22",
        "22 80 22",
        "22 c0 80 22",
        "22 c1 bf 22",
        "22 c3 22",
        "22 c3 28 22",
        "22 e0 80 80 22",
        "22 e0 9f bf 22",
        "22 e2 82 22",
        "22 e2 28 a1 22",
        "22 ed a0 80 22",
        "22 ed bf bf 22",
        "22 ef bb 22",
        "22 f0 80 80 80 22",
        "22 f0 8f bf bf 22",
        "22 f0 9f 98 22",
        "22 f4 90 80 80 22",
        "22 f5 80 80 80 22",
        "22 f8 88 80 80 80 22",
        "22 e2 82",
        "22 f0",
        "c3 a9",
        "5b ff 5d",
        "30 ff",
        "20 30 ff 20",
        "5b 30 5d ff 78",
      })
  void isJson_bytesThatAreNotUtf8_areRefused(String hex) {
    assertThat(isJsonHex(hex)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "22 c2 80 22",
        "22 df bf 22",
        "22 e0 a0 80 22",
        "22 ed 9f bf 22",
        "22 ee 80 80 22",
        "22 ef bf bf 22",
        "22 f0 90 80 80 22",
        "22 f4 8f bf bf 22",
      })
  void isJson_theEdgesOfUtf8_areTaken(String hex) {
    assertThat(isJsonHex(hex)).isTrue();
  }

  @Test
  void isJson_utf16AndUtf32_areRefused() {
    for (String hex :
        new String[] {
          "005b005d",
          "5b005d00",
          "feff005b005d",
          "fffe5b005d00",
          "0000005b0000005d",
          "5b0000005d000000"
        }) {
      assertThat(isJsonHex(hex)).as(hex).isFalse();
    }
  }

  @Test
  void isJson_nesting_isBounded() {
    assertThat(isJson("[".repeat(128) + "]".repeat(128))).isTrue();
    assertThat(isJson("[".repeat(129) + "]".repeat(129))).isFalse();
    assertThat(isJson("[{\"\":".repeat(100_000))).isFalse();
  }

  @Test
  void isJson_moreThan16Mebibytes_isRefused() {
    byte[] text = new byte[JsonLimits.MAX_TEXT_BYTES + 1];
    java.util.Arrays.fill(text, (byte) ' ');
    text[0] = '1';

    assertThat(JsonLimits.isJson(text)).isFalse();
    assertThat(JsonLimits.isJson(java.util.Arrays.copyOf(text, JsonLimits.MAX_TEXT_BYTES)))
        .isTrue();
  }
}
