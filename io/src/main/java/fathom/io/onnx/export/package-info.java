/// Writing models as ONNX files; [fathom.io.onnx.export.OnnxExport] is where to begin.
package fathom.io.onnx.export;
