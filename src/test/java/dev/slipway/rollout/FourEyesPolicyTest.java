package dev.slipway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two callers are two people only where IAM says so; a name that a caller can choose says nothing. */
class FourEyesPolicyTest {
    private static final String ACCOUNT = "123456789012";

    @ParameterizedTest
    @CsvSource({
        // one and the other, whether they may be the same
        "iam::{}:user/ann,                        iam::{}:user/ann,                        true",
        "iam::{}:user/ann,                        iam::{}:user/bob,                        false",
        "iam::{}:user/ann,                        iam::{}:root,                            false",
        "sts::{}:assumed-role/Dev/ann,            sts::{}:assumed-role/Dev/ann,            true",
        "sts::{}:assumed-role/Dev/ann,            sts::{}:assumed-role/Dev/eve,            true",
        "sts::{}:assumed-role/Dev/ann,            sts::{}:assumed-role/Approver/ann,       false",
        "sts::{}:assumed-role/Dev/ann,            sts::999999999999:assumed-role/Dev/ann,  false",
        "sts::{}:assumed-role/slipway-ci-web/gh,  sts::{}:assumed-role/Dev/ann,            false",
        "sts::{}:assumed-role/AWSReservedSSO_Dev_1a/ann@x.com, sts::{}:assumed-role/AWSReservedSSO_Dev_1a/eve@x.com, false",
        "sts::{}:assumed-role/AWSReservedSSO_Dev_1a/ann@x.com, sts::{}:assumed-role/AWSReservedSSO_Ops_2b/ann@x.com, true",
        "sts::{}:federated-user/eve,              iam::{}:user/ann,                        true",
        "iam::{}:user/ann,                        sts::{}:federated-user/eve,              true",
        // as CodePipeline may tell them
        "sts::{}:assumed-role/Dev,                sts::{}:assumed-role/Dev/ann,            true",
        "sts::{}:assumed-role/Dev,                sts::{}:assumed-role/Approver/ann,       false",
        "iam::{}:role/teams/Dev,                  sts::{}:assumed-role/Dev/ann,            true",
        "iam::{}:role/Dev,                        sts::{}:assumed-role/Approver/ann,       false",
        "sts::{}:assumed-role/AWSReservedSSO_Dev_1a, sts::{}:assumed-role/AWSReservedSSO_Ops_2b/ann@x.com, true",
        "iam::{}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_1a, sts::{}:assumed-role/AWSReservedSSO_Ops_2b/eve@x.com, true",
    })
    void arnsAreTheSamePersonWhereTheyMayBe(String one, String other, boolean same) {
        assertThat(FourEyesPolicy.mayBeTheSame(arn(one), arn(other))).isEqualTo(same);
    }

    private static String arn(String rest) {
        return "arn:aws:" + rest.replace("{}", ACCOUNT);
    }

    @ParameterizedTest
    @CsvSource({"pipeline/web, local, false", "local, local, true", "slipway, local, false", "unknown, local, true"})
    void whatIsNoArnIsWhatItIsCalled(String one, String other, boolean same) {
        assertThat(FourEyesPolicy.mayBeTheSame(one, other)).isEqualTo(same);
    }
}
