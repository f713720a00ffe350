package dev.slipway.simulation;

/** A function's process is gone: nothing of ours catches it, and the queue delivers its message again. */
public final class Crash extends Error {
    private static final long serialVersionUID = 1;

    public Crash(String where) {
        super(where, null, false, false);
    }
}
