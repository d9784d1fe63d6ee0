package fathom.data;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Cora in its archive: `cora.content` has a line for each paper, its number, a 0 or 1 for each word and its
/// class; `cora.cites` one for each citation, the cited paper and then the one that cites it.
final class Cora {
    private static final String CONTENT = "cora/cora.content";
    private static final String CITES = "cora/cora.cites";

    private Cora() {}

    /// @throws IllegalArgumentException if a file is missing or has a line of another form
    static LabelledGraph read(Path archive) {
        Map<String, byte[]> files = new HashMap<>();
        TarFiles.each(archive, path -> path.equals(CONTENT) || path.equals(CITES), files::put);
        List<String[]> papers = rows(archive, files, CONTENT);
        List<String[]> citations = rows(archive, files, CITES);
        int columns = papers.getFirst().length;
        TreeSet<String> names = new TreeSet<>();
        papers.forEach(paper -> names.add(paper[paper.length - 1]));
        List<String> classes = List.copyOf(names);

        Map<String, Integer> places = new HashMap<>();
        float[][] words = new float[papers.size()][];
        int[] labels = new int[papers.size()];
        for (int i = 0; i < labels.length; i++) {
            String[] paper = papers.get(i);
            boolean fits = paper.length == columns && columns > 2;
            String message = "%s: %s columns in %s:%s, expected %s";
            Require.that(fits, message, archive, paper.length, CONTENT, i + 1, Math.max(3, columns));
            places.put(paper[0], i);
            labels[i] = classes.indexOf(paper[columns - 1]);
            words[i] = new float[columns - 2];
            for (int k = 0; k < words[i].length; k++) {
                String there = paper[k + 1];
                boolean known = there.equals("0") || there.equals("1");
                Require.that(known, "%s: '%s' in %s:%s, expected 0 or 1", archive, there, CONTENT, i + 1);
                words[i][k] = there.equals("1") ? 1 : 0;
            }
        }
        int[] edges = new int[2 * citations.size()];
        for (int i = 0; i < citations.size(); i++) {
            String[] pair = citations.get(i);
            boolean known = pair.length == 2 && places.keySet().containsAll(List.of(pair));
            String message = "%s: '%s' in %s:%s, expected two papers of %s";
            Require.that(known, message, archive, String.join(" ", pair), CITES, i + 1, CONTENT);
            edges[2 * i] = places.getOrDefault(pair[1], 0);
            edges[2 * i + 1] = places.getOrDefault(pair[0], 0);
        }
        return new LabelledGraph(
                Tensor.of(words), Tensor.of(edges, citations.size(), 2), Tensor.of(labels, labels.length), classes);
    }

    private static List<String[]> rows(Path archive, Map<String, byte[]> files, String name) {
        List<String[]> rows = new ArrayList<>();
        TextLines.of(files.getOrDefault(name, new byte[0]), archive + "/" + name)
                .forEach(line -> rows.add(line.split("\t", -1)));
        Require.that(!rows.isEmpty(), "%s: no lines of %s, expected some", archive, name);
        return rows;
    }
}
