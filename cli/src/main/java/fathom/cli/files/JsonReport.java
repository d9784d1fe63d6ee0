package fathom.cli.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import fathom.io.StoredTensor;
import fathom.io.onnx.format.ValueInfo;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a file holds, for programs.
public final class JsonReport {
    private final JsonGenerator json;

    private JsonReport(JsonGenerator json) {
        this.json = json;
    }

    /// What a file holds, as JSON.
    public static String of(ModelFile file) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            new JsonReport(json).write(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the report cannot be written: " + e.getMessage(), e);
        }
        return text.toString();
    }

    private void write(ModelFile file) throws IOException {
        json.writeStartObject();
        json.writeStringField("path", file.path().toString());
        switch (file) {
            case ModelFile.Tensors tensors -> {
                json.writeStringField("format", tensors.file().format());
                texts("metadata", tensors.file().metadata());
                tensors(List.copyOf(tensors.file().tensors().values()));
            }
            case ModelFile.Onnx onnx -> onnx(onnx);
        }
        json.writeEndObject();
    }

    private void onnx(ModelFile.Onnx onnx) throws IOException {
        json.writeStringField("format", "ONNX");
        json.writeNumberField("version", onnx.model().irVersion());
        json.writeStringField("producer", onnx.model().producer());
        texts("metadata", onnx.model().metadata());
        json.writeObjectFieldStart("operatorSets");
        for (Map.Entry<String, Long> set : onnx.model().opsets().entrySet()) {
            json.writeNumberField(TextReport.domain(set.getKey()), set.getValue());
        }
        json.writeEndObject();
        values("inputs", onnx.model().graph().inputs());
        values("outputs", onnx.model().graph().outputs());
        json.writeObjectFieldStart("operators");
        for (Map.Entry<String, Integer> operator : TextReport.operators(onnx).entrySet()) {
            json.writeNumberField(operator.getKey(), operator.getValue());
        }
        json.writeEndObject();
        tensors(onnx.initializers().stream().map(ModelFile.Onnx::stored).toList());
    }

    private void values(String name, List<ValueInfo> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (ValueInfo value : values) {
            json.writeStartObject();
            json.writeStringField("name", value.name());
            json.writeStringField("kind", value.kind());
            if (value.type().isPresent()) {
                json.writeStringField("type", value.type().get().toString());
            }
            Optional<List<ValueInfo.Dimension>> shape = value.shape();
            if (shape.isPresent()) {
                json.writeArrayFieldStart("shape");
                for (ValueInfo.Dimension size : shape.get()) {
                    switch (size) {
                        case ValueInfo.Fixed fixed -> json.writeNumber(fixed.size());
                        case ValueInfo.Symbolic symbolic -> json.writeString(symbolic.toString());
                    }
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void texts(String name, Map<String, String> texts) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, String> text : texts.entrySet()) {
            json.writeStringField(text.getKey(), text.getValue());
        }
        json.writeEndObject();
    }

    private void tensors(List<StoredTensor> tensors) throws IOException {
        json.writeArrayFieldStart("tensors");
        for (StoredTensor tensor : tensors) {
            json.writeStartObject();
            json.writeStringField("name", tensor.name());
            json.writeStringField("encoding", tensor.encoding());
            json.writeStringField("dtype", tensor.dtype().name());
            json.writeFieldName("shape");
            int[] sizes = tensor.shape().dims();
            json.writeArray(sizes, 0, sizes.length);
            json.writeNumberField("bytes", tensor.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
