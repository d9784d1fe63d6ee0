package fathom.io.onnx.operators;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Einstein's sums: products of tensors whose axes have letters, summed over those that the result lacks.
/// Two tensors after the other become one by a product of matrices.
final class EinsteinSum {
    private EinsteinSum() {}

    /// A tensor whose axes have letters.
    private record Term(Tensor tensor, List<Character> letters) {}

    static Tensor of(String equation, List<Tensor> operands) {
        String text = equation.replace(" ", "");
        String[] sides = text.split("->", -1);
        String[] inputs = sides[0].split(",", -1);
        Require.that(inputs.length == operands.size(), "%s for %s tensors", equation, operands.size());
        int dots = 0;
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i].contains("...")) {
                dots = Math.max(dots, operands.get(i).rank() - (inputs[i].length() - 3));
            }
        }
        List<Term> terms = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            terms.add(term(inputs[i], operands.get(i), dots, equation));
        }
        List<Character> result = sides.length > 1 ? letters(sides[1], dots, dots) : implicit(inputs, dots);
        Term product = terms.getFirst();
        for (int i = 1; i < terms.size(); i++) {
            List<Character> needed = new ArrayList<>(result);
            terms.subList(i + 1, terms.size()).forEach(t -> needed.addAll(t.letters()));
            product = product(product, terms.get(i), needed);
        }
        Term summed = summed(product, result);
        Require.that(summed.letters().containsAll(result), "%s: a letter of the result that no operand has", equation);
        int[] order = result.stream().mapToInt(summed.letters()::indexOf).toArray();
        return order.length == 0 ? summed.tensor() : summed.tensor().permute(order);
    }

    /// Letters, of which the axes that `...` stands for have such that no text has.
    private static List<Character> letters(String text, int dots, int all) {
        List<Character> letters = new ArrayList<>();
        int at = text.indexOf("...");
        for (int i = 0; i < text.length(); i++) {
            if (i == at) {
                IntStream.range(all - dots, all).forEach(d -> letters.add((char) d));
                i += 2;
            } else {
                letters.add(text.charAt(i));
            }
        }
        return letters;
    }

    /// Without a result in the text: the letters that stand there once, in the order of the alphabet.
    private static List<Character> implicit(String[] inputs, int dots) {
        List<Character> all = Arrays.stream(inputs)
                .flatMap(i -> i.replace("...", "").chars().mapToObj(c -> (char) c))
                .toList();
        List<Character> letters = new ArrayList<>();
        IntStream.range(0, dots).forEach(d -> letters.add((char) d));
        all.stream().filter(c -> Collections.frequency(all, c) == 1).sorted().forEach(letters::add);
        return letters;
    }

    private static Term term(String text, Tensor x, int dots, String equation) {
        int own = text.contains("...") ? x.rank() - (text.length() - 3) : 0;
        List<Character> letters = letters(text, own, dots);
        Require.that(letters.size() == x.rank() && own >= 0, "%s: %s for %s", equation, text, x.shape());
        // A letter that stands twice means the diagonal.
        for (int a = 0; a < letters.size(); a++) {
            int b = letters.lastIndexOf(letters.get(a));
            while (b > a) {
                x = diagonal(x, a, b, equation);
                letters.remove(b);
                letters.add(letters.remove(a));
                a = 0;
                b = letters.lastIndexOf(letters.get(a));
            }
        }
        return new Term(x, letters);
    }

    /// The diagonal of two axes, as the last axis.
    private static Tensor diagonal(Tensor x, int a, int b, String equation) {
        int n = x.dim(a);
        Require.that(n == x.dim(b), "%s: a diagonal of axes of %s and %s", equation, n, x.dim(b));
        int[] order = IntStream.concat(IntStream.range(0, x.rank()).filter(i -> i != a && i != b), IntStream.of(a, b))
                .toArray();
        Tensor pairs = x.permute(order);
        Tensor flat = pairs.flatten(pairs.rank() - 2);
        return flat.slice(-1, 0, Math.max(1, n * n), n + 1);
    }

    /// Summed over the letters that are not needed.
    private static Term summed(Term term, List<Character> needed) {
        int[] gone = IntStream.range(0, term.letters().size())
                .filter(i -> !needed.contains(term.letters().get(i)))
                .toArray();
        if (gone.length == 0) {
            return term;
        }
        List<Character> left = term.letters().stream().filter(needed::contains).toList();
        return new Term(term.tensor().sum(gone), new ArrayList<>(left));
    }

    private static Term product(Term a, Term b, List<Character> needed) {
        List<Character> forLeft = new ArrayList<>(needed);
        forLeft.addAll(b.letters());
        List<Character> forRight = new ArrayList<>(needed);
        forRight.addAll(a.letters());
        Term left = summed(a, forLeft);
        Term right = summed(b, forRight);
        Map<Character, Integer> sizes = new HashMap<>();
        for (Term t : List.of(left, right)) {
            for (int i = 0; i < t.letters().size(); i++) {
                sizes.merge(t.letters().get(i), t.tensor().dim(i), Math::max);
            }
        }
        List<Character> both =
                left.letters().stream().filter(right.letters()::contains).toList();
        List<Character> stack = both.stream().filter(needed::contains).toList();
        List<Character> inner = both.stream().filter(l -> !needed.contains(l)).toList();
        List<Character> rows =
                left.letters().stream().filter(l -> !both.contains(l)).toList();
        List<Character> columns =
                right.letters().stream().filter(l -> !both.contains(l)).toList();
        Tensor x = arranged(left, sizes, stack, rows, inner);
        Tensor y = arranged(right, sizes, stack, inner, columns);
        List<Character> letters = new ArrayList<>(stack);
        letters.addAll(rows);
        letters.addAll(columns);
        Shape shape = Shape.of(letters.stream().map(sizes::get).toList());
        return new Term(x.matmul(y).reshape(shape), letters);
    }

    /// A stack of matrices: three groups of letters, each as one axis.
    private static Tensor arranged(
            Term term, Map<Character, Integer> sizes, List<Character> a, List<Character> b, List<Character> c) {
        List<Character> all = new ArrayList<>(a);
        all.addAll(b);
        all.addAll(c);
        int[] order = all.stream().mapToInt(term.letters()::indexOf).toArray();
        Tensor x = order.length == 0 ? term.tensor() : term.tensor().permute(order);
        x = x.broadcastTo(Shape.of(all.stream().map(sizes::get).toList()));
        return x.reshape(size(a, sizes), size(b, sizes), size(c, sizes));
    }

    private static int size(List<Character> letters, Map<Character, Integer> sizes) {
        return letters.stream().mapToInt(sizes::get).reduce(1, Math::multiplyExact);
    }
}
