package fathom.guide.site;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.commonmark.Extension;
import org.commonmark.node.CustomBlock;
import org.commonmark.node.CustomNode;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.parser.SourceLine;
import org.commonmark.parser.beta.InlineContentParser;
import org.commonmark.parser.beta.InlineContentParserFactory;
import org.commonmark.parser.beta.InlineParserState;
import org.commonmark.parser.beta.ParsedInline;
import org.commonmark.parser.beta.Position;
import org.commonmark.parser.beta.Scanner;
import org.commonmark.parser.block.AbstractBlockParser;
import org.commonmark.parser.block.BlockContinue;
import org.commonmark.parser.block.BlockParserFactory;
import org.commonmark.parser.block.BlockStart;
import org.commonmark.parser.block.MatchedBlockParser;
import org.commonmark.parser.block.ParserState;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlRenderer;

/// Formulas in Markdown: `$...$` within a line, and `$$...$$` as lines of their own. They become elements
/// of the class `math` with the formula as it is written, which a script typesets.
final class Formula implements Parser.ParserExtension, HtmlRenderer.HtmlRendererExtension {
    private static final String FENCE = "$$";

    private Formula() {}

    static Extension extension() {
        return new Formula();
    }

    /// A formula in a line.
    static final class Inline extends CustomNode {
        private final String tex;

        Inline(String tex) {
            this.tex = tex;
        }
    }

    /// A formula of its own.
    static final class Block extends CustomBlock {
        private String tex = "";
    }

    @Override
    public void extend(Parser.Builder builder) {
        builder.customInlineContentParserFactory(new InlineFactory()).customBlockParserFactory(new BlockFactory());
    }

    @Override
    public void extend(HtmlRenderer.Builder builder) {
        builder.nodeRendererFactory(Renderer::new);
    }

    private static final class InlineFactory implements InlineContentParserFactory {
        @Override
        public Set<Character> getTriggerCharacters() {
            return Set.of('$');
        }

        @Override
        public InlineContentParser create() {
            return InlineFactory::parse;
        }

        private static ParsedInline parse(InlineParserState state) {
            Scanner scanner = state.scanner();
            boolean price = Character.isLetterOrDigit(scanner.peekPreviousCodePoint());
            scanner.next();
            Position begin = scanner.position();
            if (price || Character.isWhitespace(scanner.peek()) || scanner.find('$') <= 0) {
                return ParsedInline.none();
            }
            String tex = scanner.getSource(begin, scanner.position()).getContent();
            scanner.next();
            return ParsedInline.of(new Inline(tex), scanner.position());
        }
    }

    private static final class BlockFactory implements BlockParserFactory {
        @Override
        public BlockStart tryStart(ParserState state, MatchedBlockParser matched) {
            String line = state.getLine().getContent().toString();
            int from = state.getNextNonSpaceIndex();
            return line.startsWith(FENCE, from)
                    ? BlockStart.of(new BlockParser()).atIndex(from + FENCE.length())
                    : BlockStart.none();
        }
    }

    private static final class BlockParser extends AbstractBlockParser {
        private final Block block = new Block();
        private final List<String> lines = new ArrayList<>();
        private boolean closed;

        @Override
        public Block getBlock() {
            return block;
        }

        @Override
        public BlockContinue tryContinue(ParserState state) {
            return closed ? BlockContinue.none() : BlockContinue.atIndex(state.getIndex());
        }

        @Override
        public void addLine(SourceLine line) {
            String text = line.getContent().toString().stripTrailing();
            closed = text.endsWith(FENCE);
            lines.add(closed ? text.substring(0, text.length() - FENCE.length()) : text);
        }

        @Override
        public void closeBlock() {
            block.tex = String.join("\n", lines).strip();
        }
    }

    private record Renderer(HtmlNodeRendererContext context) implements NodeRenderer {
        @Override
        public Set<Class<? extends Node>> getNodeTypes() {
            return Set.of(Inline.class, Block.class);
        }

        @Override
        public void render(Node node) {
            boolean inline = node instanceof Inline;
            String tex = node instanceof Inline i ? i.tex : node instanceof Block b ? b.tex : "";
            var out = context.getWriter();
            if (!inline) {
                out.line();
            }
            out.tag(inline ? "span" : "div", Map.of("class", inline ? "math" : "math display"));
            out.text(tex);
            out.tag(inline ? "/span" : "/div");
        }
    }
}
