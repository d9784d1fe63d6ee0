package fathom.backend.cpu;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A loop's space cut into layers, as many as there are matrices in a [Stack]: each layer is the same part of
/// the rows, or of the columns of the only row, at one point of the axes around them.
///
/// @param parts layers at each such point
/// @param rows rows of a layer
/// @param columns columns of a layer
record LayerCut(LoopGeometry geometry, int layers, int parts, int rows, int columns) {
    /// How often a loop goes over its rows and columns.
    static int around(LoopStep step) {
        LoopGeometry g = step.geometry();
        int rows = g.axes().get(g.axes().size() - 2).size();
        return g.points() / Math.max(1, rows * g.columnCount());
    }

    /// The loop cut into so many layers; null if it cannot be, or reduces what it is cut along.
    static @Nullable LayerCut of(LoopStep step, int layers) {
        LoopGeometry g = step.geometry();
        List<LoopGeometry.Axis> outer = g.axes().subList(0, g.axes().size() - 1);
        int rows = outer.getLast().size();
        int columns = g.columnCount();
        int around = around(step);
        if (!g.reducesWholeRowsAtMost() || layers % around != 0) {
            return null;
        }
        int parts = layers / around;
        if (rows % parts == 0) {
            return new LayerCut(g, layers, parts, rows / parts, columns);
        }
        boolean cutsColumns =
                rows == 1 && columns % parts == 0 && !g.axes().getLast().reduced();
        return cutsColumns ? new LayerCut(g, layers, parts, rows, columns / parts) : null;
    }

    /// Whether each layer finds all that it needs of an address's array in the same part of the array, one of
    /// as many equal ones as there are layers.
    ///
    /// @param size elements of the array
    boolean hasPartOfItsOwn(int address, int size) {
        if (size % layers != 0) {
            return false;
        }
        int part = size / layers;
        int row = geometry.rowStrides()[address];
        int column = geometry.columnStrides()[address];
        int across = cutsRows() ? row * rows : column * columns;
        boolean follows = parts == 1 || across == part;
        int step = part * parts;
        for (int d = geometry.axes().size() - 3; d >= 0; d--) {
            LoopGeometry.Axis axis = geometry.axes().get(d);
            follows &= axis.size() == 1 || axis.strides()[address] == step;
            step *= axis.size();
        }
        int start = geometry.starts()[address];
        int last = start + (rows - 1) * row + (columns - 1) * column;
        return follows && row >= 0 && column >= 0 && start >= 0 && last < part;
    }

    /// Writes the addresses of a layer's first point.
    void locate(int layer, int[] out) {
        int part = layer % parts;
        geometry.locate(cutsRows() ? part * rows : 0, cutsRows() ? 0 : part * columns, out);
        geometry.moveAround(layer / parts, out);
    }

    /// How many layers from one on can be run as one, being next to each other in the space.
    int together(int layer, int end) {
        return Math.min(end, (layer / parts + 1) * parts) - layer;
    }

    /// Rows of so many layers together.
    int rowsOf(int together) {
        return cutsRows() ? rows * together : rows;
    }

    /// Columns of so many layers together.
    int columnsOf(int together) {
        return cutsRows() ? columns : columns * together;
    }

    private boolean cutsRows() {
        return geometry.columnCount() == columns;
    }
}
