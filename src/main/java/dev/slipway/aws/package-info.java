/** What AWS's errors mean, a few lookups for which no SDK module is carried, and how many calls operations may begin with. */
@NullMarked
package dev.slipway.aws;

import org.jspecify.annotations.NullMarked;
