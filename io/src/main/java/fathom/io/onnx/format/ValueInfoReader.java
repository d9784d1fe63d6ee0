package fathom.io.onnx.format;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads one `ValueInfoProto`.
final class ValueInfoReader {
    private final ProtoFields fields;
    private String name = "";
    private String kind = ValueInfo.TENSOR;
    private long type;
    private @Nullable List<ValueInfo.Dimension> shape;

    private ValueInfoReader(ProtoFields fields) {
        this.fields = fields;
    }

    static ValueInfo read(ProtoFields fields) throws IOException {
        ValueInfoReader reader = new ValueInfoReader(fields);
        fields.message(reader::field);
        return new ValueInfo(
                reader.name,
                reader.kind,
                OnnxType.of(reader.type),
                Optional.ofNullable(reader.shape).map(List::copyOf));
    }

    private boolean field(int number) throws IOException {
        return switch (number) {
            case 1 -> {
                name = fields.text();
                yield true;
            }
            case 2 -> fields.message(this::type);
            default -> false;
        };
    }

    private boolean type(int number) throws IOException {
        kind = switch (number) {
            case 1 -> ValueInfo.TENSOR;
            case 4 -> "sequence";
            case 5 -> "map";
            case 8 -> "sparse tensor";
            case 9 -> "optional";
            default -> kind;
        };
        return number == 1 && fields.message(this::tensor);
    }

    private boolean tensor(int number) throws IOException {
        return switch (number) {
            case 1 -> {
                type = fields.whole();
                yield true;
            }
            case 2 -> {
                List<ValueInfo.Dimension> sizes = new ArrayList<>();
                fields.message(n -> n == 1 && sizes.add(dimension()));
                shape = sizes;
                yield true;
            }
            default -> false;
        };
    }

    private ValueInfo.Dimension dimension() throws IOException {
        ValueInfo.Dimension[] size = {new ValueInfo.Symbolic("")};
        fields.message(n -> {
            switch (n) {
                case 1 -> size[0] = new ValueInfo.Fixed(fields.whole());
                case 2 -> size[0] = new ValueInfo.Symbolic(fields.text());
                default -> {
                    return false;
                }
            }
            return true;
        });
        return size[0];
    }
}
