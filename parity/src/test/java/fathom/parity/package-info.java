/// Fathom against libtorch: the same computation on the same numbers, forward and gradient.
///
/// A comparison is a [fathom.parity.Case]: its inputs, what Fathom does with them and what libtorch
/// does. [fathom.parity.Close] says how far the results may be apart.
@NullMarked
package fathom.parity;

import org.jspecify.annotations.NullMarked;
