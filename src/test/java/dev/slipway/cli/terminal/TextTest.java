package dev.slipway.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
    @ParameterizedTest
    @CsvSource({
        "web, 3, web",
        "abcdefgh, 8, abcdef/  gh",
        "東京, 4, 東京",
        "東京のリリース, 14, 東京の/  リリ/  ース",
        "リーリー, 8, リーリ/  ー",
        "한국어입니다, 12, 한국어/  입니/  다",
        "ｶﾅ, 2, ｶﾅ",
        "ＡＢＣＤ, 8, ＡＢＣ/  Ｄ",
        "🚀🚀🚀🚀, 8, 🚀🚀🚀/  🚀",
        "'éééééé', 6, éééééé",
        "'e\u0301e\u0301', 2, 'e\u0301e\u0301'",
        "🇩🇪, 2, 🇩🇪",
        "'\u001b[31m東京東京\u001b[0m', 8, '\u001b[31m東京東\u001b[0m/  \u001b[31m京\u001b[0m'",
    })
    void aTextIsAsWideAsATerminalDrawsItAndGoesOnBelowAtTheWindowsEdge(String text, int width, String inSixColumns) {
        assertThat(Text.width(text)).isEqualTo(width);
        assertThat(Text.fitted(text, 6)).containsExactly(inSixColumns.split("/"));
        assertThat(Text.fitted(text, 6)).allMatch(line -> Text.width(line) <= 6);
    }
}
