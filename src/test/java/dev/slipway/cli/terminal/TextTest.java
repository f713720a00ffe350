package dev.slipway.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
    @ParameterizedTest
    @CsvSource({
        "web, 3, web",
        "abcdefgh, 8, abcde…",
        "東京, 4, 東京",
        "東京のリリース, 14, 東京…",
        "リーリー, 8, リー…",
        "한국어입니다, 12, 한국…",
        "ｶﾅ, 2, ｶﾅ",
        "ＡＢＣＤ, 8, ＡＢ…",
        "🚀🚀🚀🚀, 8, 🚀🚀…",
        "'éééééé', 6, éééééé",
        "'e\u0301e\u0301', 2, 'e\u0301e\u0301'",
        "🇩🇪, 2, 🇩🇪",
        "'\u001b[31m東京東京\u001b[0m', 8, '\u001b[31m東京…\u001b[0m'",
    })
    void aTextIsAsWideAsATerminalDrawsItAndIsCutAtTheWindowsEdge(String text, int width, String inSixColumns) {
        assertThat(Text.width(text)).isEqualTo(width);
        assertThat(Text.cut(text, 6)).isEqualTo(inSixColumns);
        assertThat(Text.width(Text.cut(text, 6))).isLessThanOrEqualTo(6);
    }
}
