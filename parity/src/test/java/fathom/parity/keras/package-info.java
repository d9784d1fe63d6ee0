/// Fathom against Keras' own programs: the same models on the same inputs.
@NullMarked
package fathom.parity.keras;

import org.jspecify.annotations.NullMarked;
