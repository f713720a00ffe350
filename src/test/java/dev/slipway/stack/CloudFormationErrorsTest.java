package dev.slipway.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;

final class CloudFormationErrorsTest {
    /** Messages as AWS sends them. */
    @ParameterizedTest(name = "{1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            AlreadyDone | AlreadyExistsException | Stack [slipway-prod] already exists
            AlreadyDone | AlreadyExistsException | ChangeSet apply-op1 cannot be created due to a mismatch with existing attribute Template
            AlreadyDone | TokenAlreadyExistsException | A client request token already exists
            AlreadyDone | InvalidChangeSetStatus | ChangeSet [x] cannot be executed in its current status of [EXECUTE_IN_PROGRESS]
            InProgress | InvalidChangeSetStatus | An operation on this ChangeSet is currently in progress.  Please attempt this operation again later.
            NotFound | ChangeSetNotFound | ChangeSet [x] does not exist
            NotFound | ValidationError | Stack [slipway-prod] does not exist
            NoChanges | ValidationError | No updates are to be performed.
            InProgress | ValidationError | Stack:arn:aws:cloudformation:us-east-1:1:stack/x/1 is in UPDATE_IN_PROGRESS state and can not be updated.
            InProgress | ValidationError | Stack [x] cannot be deleted while in status UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS
            InProgress | ValidationError | Resources [Log] passed in ResourceToImport are already in a stack and cannot be imported.
            Rejected | ValidationError | Stack [x] cannot be deleted while TerminationProtection is enabled
            Rejected | ValidationError | Template format error: YAML not well-formed. (line 1, column 1)
            Rejected | ValidationError | Parameters: [X] do not exist in the template
            Rejected | LimitExceededException | Limit for stack has been exceeded
            Rejected | AccessDenied | User: x is not authorized to perform: cloudformation:CreateStack on resource: y
            """)
    void anErrorHasAMeaning(String meaning, String code, String message) {
        assertThat(CloudFormationErrors.answer(FakeCloudFormation.error(code, message))
                        .getClass()
                        .getSimpleName())
                .isEqualTo(meaning);
    }

    @ParameterizedTest
    @CsvSource({"Throttling,Rate exceeded", "ServiceUnavailable,x", "InternalFailure,x", "ExpiredToken,x"})
    void whatOnlyARetryCanHelpIsThrown(String code, String message) {
        CloudFormationException error = FakeCloudFormation.error(code, message);
        assertThatThrownBy(() -> CloudFormationErrors.answer(error)).isSameAs(error);
    }
}
