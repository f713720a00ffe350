package dev.slipway.operation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrincipalTest {
    @ParameterizedTest
    @CsvSource({
        "arn:aws:sts::123456789012:assumed-role/ci/run-1, arn:aws:sts::123456789012:assumed-role/ci/run-2, true",
        "arn:aws:sts::123456789012:assumed-role/ci/a, arn:aws:sts::123456789012:assumed-role/cd/a, false",
        "arn:aws:sts::123456789012:assumed-role/ci/a, arn:aws:sts::210987654321:assumed-role/ci/a, false",
        "arn:aws:sts::1:assumed-role/ci/a, arn:aws:sts::1:assumed-role/ci/b, false",
        "arn:aws:iam::123456789012:user/ann, arn:aws:iam::123456789012:user/ann, true",
        "arn:aws:iam::123456789012:user/ann, arn:aws:iam::123456789012:user/eve, false",
        "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_dev_1a/ann, arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_ops_2b/ann, true",
        "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_dev_1a/ann, arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_dev_1a/eve, false"
    })
    void sessionsOfOneRoleAreOnePrincipalAndUsersOfIdentityCenterAreTheirOwn(String one, String other, boolean same) {
        assertThat(Principal.of(one).equals(Principal.of(other))).isEqualTo(same);
    }
}
