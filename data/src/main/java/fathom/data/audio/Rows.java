package fathom.data.audio;

import fathom.ir.Require;

/// Rows of numbers in double precision, as a flat array in single.
final class Rows {
    private Rows() {}

    static void write(double[][] rows, float[] result) {
        int width = rows[0].length;
        String message = "sound: a result of %s values, expected %s for %s frames";
        Require.that(result.length == rows.length * width, message, result.length, rows.length * width, rows.length);
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) rows[i / width][i % width];
        }
    }
}
