package dev.slipway.stack;

/** What a stack's status means for whoever wants to change it: the only place that reads status strings. */
public enum StackPhase {
    /** There is no such stack. */
    MISSING,
    /** A change set for a stack that does not exist yet: no template, no resources. */
    REVIEW,
    /** At rest and open to updates. */
    STABLE,
    /** At rest with its previous template, because the latest update failed. */
    ROLLED_BACK,
    /** At rest in the middle of a failed update, because somebody switched rollback off. Open to updates. */
    UPDATE_FAILED,
    /** An operation is running. */
    IN_PROGRESS,
    /** Being deleted. */
    DELETING,
    /** Its first creation failed. All that can be done is to delete it. */
    CREATE_FAILED,
    /** Its deletion failed. All that can be done is to delete it again. */
    DELETE_FAILED,
    /** An update failed and so did its rollback, which can be continued. */
    ROLLBACK_FAILED,
    /** An import failed and so did its rollback, which only a person can fix. */
    IMPORT_ROLLBACK_FAILED;

    /** Whether the stack has resources that are in use. */
    public boolean holdsResources() {
        return switch (this) {
            case STABLE, ROLLED_BACK, UPDATE_FAILED, IN_PROGRESS, ROLLBACK_FAILED, IMPORT_ROLLBACK_FAILED -> true;
            case MISSING, REVIEW, DELETING, CREATE_FAILED, DELETE_FAILED -> false;
        };
    }

    /** Whether it says that something has failed, which may have been before our latest act. */
    boolean isFailure() {
        return switch (this) {
            case ROLLED_BACK, CREATE_FAILED, DELETE_FAILED, ROLLBACK_FAILED -> true;
            case MISSING, REVIEW, STABLE, UPDATE_FAILED, IN_PROGRESS, DELETING, IMPORT_ROLLBACK_FAILED -> false;
        };
    }

    static StackPhase of(String status) {
        return switch (status) {
            case "DELETE_COMPLETE" -> MISSING;
            case "REVIEW_IN_PROGRESS" -> REVIEW;
            case "CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE" -> STABLE;
            case "UPDATE_ROLLBACK_COMPLETE" -> ROLLED_BACK;
            case "UPDATE_FAILED" -> UPDATE_FAILED;
            case "DELETE_IN_PROGRESS" -> DELETING;
            case "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED" -> CREATE_FAILED;
            case "DELETE_FAILED" -> DELETE_FAILED;
            case "UPDATE_ROLLBACK_FAILED" -> ROLLBACK_FAILED;
            case "IMPORT_ROLLBACK_FAILED" -> IMPORT_ROLLBACK_FAILED;
            // All others end in _IN_PROGRESS; a status that is new to us is safest left alone for a while.
            default -> IN_PROGRESS;
        };
    }
}
