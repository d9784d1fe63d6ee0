/// Fathom against ONNX Runtime: the same models on the same inputs.
@NullMarked
package fathom.parity.onnx;

import org.jspecify.annotations.NullMarked;
