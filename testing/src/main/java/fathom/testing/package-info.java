/// What the tests of several rooms share.
@NullMarked
package fathom.testing;

import org.jspecify.annotations.NullMarked;
