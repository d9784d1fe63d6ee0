/// Tokenisers against those of others.
@NullMarked
package fathom.parity.tokens;

import org.jspecify.annotations.NullMarked;
