/** Plan, apply, delete and progress of any CloudFormation stack. */
@NullMarked
package dev.slipway.stack;

import org.jspecify.annotations.NullMarked;
