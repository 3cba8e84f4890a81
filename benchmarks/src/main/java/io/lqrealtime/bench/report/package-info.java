/** What a run has to say, as text for people and as JSON for programs, from one description. */
@NullMarked
package io.lqrealtime.bench.report;

import org.jspecify.annotations.NullMarked;
