package fathom.guide.site;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/// A text as HTML.
///
/// @param html the elements
/// @param sections the headings of the second level
record Prose(String html, List<Section> sections) {
    private static final List<Extension> EXTENSIONS = List.of(TablesExtension.create(), Formula.extension());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();
    private static final String PICTURES = "pictures/";
    private static final String TERM = "term:";

    /// A part of a text.
    ///
    /// @param id where links to it go
    record Section(String id, String title) {}

    /// Makes HTML of Markdown.
    ///
    /// @param pictures SVG by name: an image of `pictures/NAME.svg` becomes a figure, with the image's words
    ///   beneath
    static Prose of(String markdown, Map<String, String> pictures) {
        Node document = PARSER.parse(markdown);
        Map<Node, String> ids = new IdentityHashMap<>();
        List<Section> sections = new ArrayList<>();
        document.accept(new Preparation(pictures, ids, sections));
        HtmlRenderer renderer = HtmlRenderer.builder()
                .extensions(EXTENSIONS)
                .attributeProviderFactory(context -> (node, tag, attributes) -> {
                    String id = ids.get(node);
                    if (id != null) {
                        attributes.put("id", id);
                    }
                    if (node instanceof Link link && link.getDestination().startsWith(Page.GLOSSARY + "#")) {
                        attributes.put("class", "term");
                    }
                })
                .build();
        return new Prose(renderer.render(document), List.copyOf(sections));
    }

    /// Gives headings and explanations of terms their ids, and pictures their place.
    private static final class Preparation extends AbstractVisitor {
        private final Map<String, String> pictures;
        private final Map<Node, String> ids;
        private final List<Section> sections;
        private final Set<String> taken = new HashSet<>();

        Preparation(Map<String, String> pictures, Map<Node, String> ids, List<Section> sections) {
            this.pictures = pictures;
            this.ids = ids;
            this.sections = sections;
        }

        @Override
        public void visit(Heading heading) {
            String title = words(heading);
            String id = free(title.toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}]+", "-")
                    .replaceAll("^-|-$", ""));
            ids.put(heading, id);
            if (heading.getLevel() == 2) {
                sections.add(new Section(id, title));
            }
            visitChildren(heading);
        }

        private String free(String wanted) {
            String id = wanted;
            for (int i = 2; !taken.add(id); i++) {
                id = wanted + "-" + i;
            }
            return id;
        }

        @Override
        public void visit(Link link) {
            if (link.getDestination().startsWith(TERM)) {
                String term = link.getDestination().substring(TERM.length());
                link.setDestination(Page.GLOSSARY + "#" + term);
                if (taken.add(TERM + term)) {
                    ids.put(link, Page.TERM + term);
                }
            }
            visitChildren(link);
        }

        @Override
        public void visit(Paragraph paragraph) {
            boolean alone = paragraph.getFirstChild() == paragraph.getLastChild();
            if (alone && paragraph.getFirstChild() instanceof Image image) {
                String destination = image.getDestination();
                String name = destination.replaceFirst("^" + PICTURES, "").replaceFirst("\\.svg$", "");
                String svg = pictures.get(name);
                if (svg == null) {
                    throw new IllegalArgumentException(
                            "picture %s: expected one of %s".formatted(destination, pictures.keySet()));
                }
                HtmlBlock figure = new HtmlBlock();
                figure.setLiteral(
                        "<figure>" + svg + "<figcaption>" + Page.escaped(words(image)) + "</figcaption></figure>");
                paragraph.insertAfter(figure);
                paragraph.unlink();
            } else {
                visitChildren(paragraph);
            }
        }

        /// The text in a node and what it holds.
        private static String words(Node node) {
            StringBuilder words = new StringBuilder();
            node.accept(new AbstractVisitor() {
                @Override
                public void visit(Text text) {
                    words.append(text.getLiteral());
                }

                @Override
                public void visit(Code code) {
                    words.append(code.getLiteral());
                }
            });
            return words.toString();
        }
    }
}
