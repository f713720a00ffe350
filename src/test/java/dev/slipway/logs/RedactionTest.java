package dev.slipway.logs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static String hidden(String line) {
        return Redaction.hide(List.of(line)).getFirst();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"password":"a\\"hunter2","n":1}                   | {"password":***,"n":1}
            {"m":"{\\"password\\":\\"hunter two\\",\\"n\\":1}"} | {"m":"{\\"password\\":***,\\"n\\":1}"}
            {"authorization":"Token hunter2 and               | {"authorization":***
            {"password":"hunter2 and                          | {"password":***
            login github_pat_11ABCDEFG0123456789_abcdef ok    | login *** ok
            glpat-0123456789abcdefghij                        | ***
            npm_0123456789abcdefghijklmnopqrstuvwxyz          | ***
            post https://hooks.slack.com/services/T0/B0/x0y1  | post https://***
            AIzaSyA-0123456789abcdefghijklmnopqrstu           | ***
            sk-ant-api03-0123456789abcdefghij                 | ***
            AccountName=a;AccountKey=Zm9vYmFy==;Suffix=b      | AccountName=a;AccountKey=***;Suffix=b
            GET /?api_key=hunter2&page=2 200                  | GET /?api_key=***&page=2 200
            it's a desk-top-computer-with-many-parts          | it's a desk-top-computer-with-many-parts
            """)
    void whatLooksLikeACredentialIsMasked(String line, String shown) {
        assertThat(hidden(line)).isEqualTo(shown);
    }

    /** A key by any name that says whose it is, short words where they can only be names, and values to their end. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            ENCRYPTION_KEY=Zm9vYmFyYmF6                       | ENCRYPTION_KEY=***
            signing_key: Zm9vYmFy                             | signing_key: ***
            {"masterKey":"Zm9vYmFy","n":1}                    | {"masterKey":***,"n":1}
            {"HmacKey":"Zm9vYmFy"}                            | {"HmacKey":***}
            DATA_KEY_2=Zm9v and more                          | DATA_KEY_2=*** and more
            webhook-signing-key=Zm9v                          | webhook-signing-key=***
            app.encryption.key=Zm9v                           | app.encryption.key=***
            MASTERKEY=Zm9v                                    | MASTERKEY=***
            SYMMETRIC_KEY=Zm9vYmFy                            | SYMMETRIC_KEY=***
            {"symmetricKey":"Zm9vYmFy"}                       | {"symmetricKey":***}
            ASYMMETRIC_KEY=Zm9v                               | ASYMMETRIC_KEY=***
            UNLOCK_KEY=Zm9v unlockKey=Zm9v                    | UNLOCK_KEY=*** unlockKey=***
            ORANGE_KEY=Zm9v                                   | ORANGE_KEY=***
            IDENTITY_KEY=Zm9v                                 | IDENTITY_KEY=***
            X-Api-Key: abc                                    | X-Api-Key: ***
            stripeKeys=[abc, def]                             | stripeKeys=***
            GET /maps?key=hunter2secretvalue 200              | GET /maps?key=*** 200
            GET /maps?a=1&key=hunter2&b=2 200                 | GET /maps?a=1&key=***&b=2 200
            PUT /o?X-Amz-Signature=0123abcd&X=1               | PUT /o?X-Amz-Signature=***&X=1
            GET /blob?sv=1&sig=Zm9v%3D 200                    | GET /blob?sv=1&sig=*** 200
            pass=hunter2                                      | pass=***
            login?pass=hunter2                                | login?pass=***
            dbPass=hunter2 host=db                            | dbPass=*** host=db
            db_pass: hunter2                                  | db_pass: ***
            {"pass":"hunter2"}                                | {"pass":***}
            auth=abc                                          | auth=***
            {"auth":"abc"}                                    | {"auth":***}
            basicAuth=ann:hunter2                             | basicAuth=***
            registry _auth=Zm9vYmFy                           | registry _auth=***
            password=ab,cd;ef                                 | password=***
            password=ab,cd;ef user=ann                        | password=*** user=ann
            password=ab&cd                                    | password=***
            password=hunter2, user=ann                        | password=***, user=ann
            password=hunter2,user=ann                         | password=***,user=ann
            Config{password=hunter2}                          | Config{password=***}
            Config{password=hunter2}, next                    | Config{password=***}, next
            Config{password=hun}ter2}                         | Config{password=***}
            [token=abc; ttl=5]                                | [token=***; ttl=5]
            Server=db;Password=hun;ter2;Timeout=5             | Server=db;Password=***;Timeout=5
            password=123,x9Kq!                                | password=***
            token=on;abc                                      | token=***
            pwd=1&2z user=ann                                 | pwd=*** user=ann
            jwt: abc.def                                      | jwt: ***
            run --master-key Zm9v --verbose                   | run --master-key *** --verbose
            run --pass hunter2                                | run --pass ***
            """)
    void aNameThatSaysWhatItIsMasksItsWholeValue(String line, String shown) {
        assertThat(hidden(line)).isEqualTo(shown);
    }

    /** What finds something, counts or tells that something is missing is what a reader at night looks for. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "primary_key: 17",
                "primaryKey=order-17",
                "duplicate entry for foreign_key=17",
                "partition_key=service#dev/web sort-key=release#1",
                "cache_key: user:17 missed",
                "idempotencyKey=0123-4567",
                "{\"routingKey\":\"orders.new\"}",
                "s3 object_key=a/b.png",
                "s3ObjectKey=a/b.png s3object_key=a/b.png OBJECT_KEY=a/b.png",
                "HTTPCacheKey=user:17 awsKMSKey=alias/shop",
                "kms_key_id=alias/shop",
                "kmsKey=alias/shop",
                "publicKey=MIIB",
                "cache miss key=user:17",
                "{\"key\":\"user:17\"}",
                "keyboard: qwerty",
                "monkey=7",
                "turkey: 12",
                "hockey=won",
                "cannot read /etc/ssl/server.key: permission denied",
                "author=ann authority=x",
                "authorized=true",
                "auth_method=oidc auth: failed for ann",
                "auth=ok",
                "tests: pass: 12, fail: 0",
                "pass=12 fail=0",
                "pass_rate=0.98",
                "compass=north bypass=proxy",
                "passwordless=enabled",
                "password=null",
                "password: null, user: ann",
                "password=null,user=ann; pass=12,fail=0",
                "[password=null] {token=null}, f(token=null)",
                "{\"password\":null,\"n\":1}",
                "{\"m\":\"{\\\"password\\\":null,\\\"n\\\":1}\"}",
                "GET /?a=1&pass=1&b=2 200",
                "secret=none",
                "prompt_tokens=512 max_tokens: 4096",
                "token_type=bearer",
                "tokenizer: bpe",
                "secretary: Ann",
                "GET /search?q=key 200",
                "connecting with key Zm9v"
            })
    void whatIsNoCredentialStaysReadable(String line) {
        assertThat(hidden(line)).isEqualTo(line);
    }

    /** Half of a character cannot be written as JSON, and the whole page would fail for one line. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aLineIsCutBetweenCharacters(int shift) throws JsonProcessingException {
        String line = "x".repeat(shift) + "😀".repeat(3000);

        JSON.writeValueAsBytes(hidden(line));
        JSON.writeValueAsBytes(Redaction.mask(line));
        assertThat(hidden(line)).hasSizeBetween(3990, 4010).endsWith("😀 …");
        assertThat(Redaction.mask(line)).hasSizeLessThan(310).endsWith("😀");
    }

    /** None of them may take all the stack, or grow with the square of the line. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\\\"",
                "\"",
                "secret",
                "--secret",
                "-----BEGIN PRIVATE KEY-----",
                "password=\"\\\\",
                "://a:b@",
                "_key",
                "_key=a,",
                "aKey",
                ",",
                ",a",
                "},",
                "?key=",
                "eyJabcde."
            })
    void aLineThatRepeatsWhatPatternsBeginWithIsReadToItsEnd(String part) {
        assertThat(hidden("password=\"" + part.repeat(400_000 / part.length()))).hasSizeLessThan(4010);
    }
}
