package dev.slipway.stack;

/**
 * Something that a reader of a plan should know, in plain words.
 *
 * @param blocking whether the change is refused unless the request allows the resource by its logical id
 */
public record Risk(String logicalId, String message, boolean blocking) {}
