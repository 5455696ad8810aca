import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.*;
import java.lang.management.ManagementFactory;
import java.nio.file.*;
import java.time.LocalDate;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.lucene.analysis.*;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.miscellaneous.*;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.util.ElisionFilter;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.search.*;
import org.apache.lucene.search.uhighlight.UnifiedHighlighter;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;
import org.tartarus.snowball.ext.FrenchStemmer;

/** Requests on stdin, fields set apart by tabs -> what Lucene answers, a line each. lucene.py asks. */
public class Lucene {
    static final int THREADS = 2, PAGE = 10, WARMING = 2000;
    static final double HEAP_MEGABYTES = 300;
    static final String[] FIELDS = {"title", "body", "title_exact", "body_exact"};
    static final float[] WEIGHTS = {3f, 1f, .9f, .3f};

    static final Analyzer STEMMED = new French(true), EXACT = new French(false);
    static final Analyzer BOTH = new PerFieldAnalyzerWrapper(STEMMED, Map.of("title_exact", EXACT, "body_exact", EXACT));
    static List<String[]> articles = List.of();
    static IndexSearcher searcher;
    static UnifiedHighlighter highlighter;

    public static void main(String[] arguments) throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        var out = new PrintStream(System.out, true, UTF_8);
        for (String line; (line = in.readLine()) != null; ) {
            String[] asked = line.split("\t", -1);
            try {
                out.println("ok\t" + answer(asked));
            } catch (Exception error) {
                out.println("failed\t" + error.toString().replaceAll("\\s+", " "));
            }
        }
    }

    static String answer(String[] asked) throws Exception {
        switch (asked[0]) {
            case "load": return load(asked[1]);
            case "build": return build(asked[1]);
            case "open": return open(asked[1]);
            case "search": {
                boolean counted = asked[1].equals("true");
                Query warm = query(asked[3], asked[4], asked[5], asked[6]), query = query(asked[7], asked[8], asked[9], asked[10]);
                search(warm, counted);
                return timed(Integer.parseInt(asked[2]), () -> search(query, counted));
            }
            default:
                whole(asked[2]);
                return timed(Integer.parseInt(asked[1]), () -> whole(asked[3]));
        }
    }

    static String timed(int repeat, Callable<Long> run) throws Exception {
        var threads = ManagementFactory.getThreadMXBean();
        long[] cpu = new long[repeat], wall = new long[repeat];
        long total = -1;
        for (int i = 0; i < repeat; i++) {
            long began = System.nanoTime(), used = threads.getCurrentThreadCpuTime();
            total = run.call();
            cpu[i] = threads.getCurrentThreadCpuTime() - used;
            wall[i] = System.nanoTime() - began;
        }
        Arrays.sort(cpu);
        Arrays.sort(wall);
        return cpu[repeat / 2] / 1e6 + "\t" + wall[repeat / 2] / 1e6 + "\t" + total;
    }

    static String load(String path) throws IOException {
        articles = new ArrayList<>();
        try (var lines = Files.newBufferedReader(Path.of(path), UTF_8)) {
            for (String line; (line = lines.readLine()) != null; ) {
                String[] fields = line.split("\t", -1);
                fields[3] = fields[3].replace('\u0001', '\n');
                articles.add(fields);
            }
        }
        return "" + articles.size();
    }

    static String build(String index) throws Exception {
        var settings = new IndexWriterConfig(BOTH).setRAMBufferSizeMB(HEAP_MEGABYTES);
        try (var writer = new IndexWriter(FSDirectory.open(Path.of(index)), settings)) {
            var next = new AtomicInteger();
            var pool = Executors.newFixedThreadPool(THREADS);
            var done = new ArrayList<Future<?>>();
            for (int thread = 0; thread < THREADS; thread++)
                done.add(pool.submit(() -> {
                    for (int i; (i = next.getAndIncrement()) < articles.size(); ) writer.addDocument(document(articles.get(i)));
                    return null;
                }));
            for (Future<?> each : done) each.get();
            pool.shutdown();
            writer.commit();
        }
        articles = List.of();
        return "";
    }

    static Document document(String[] article) {
        var document = new Document();
        long day = LocalDate.parse(article[1]).toEpochDay();
        document.add(new BinaryDocValuesField("id", new BytesRef(article[0])));
        document.add(new StringField("id", article[0], Field.Store.YES));
        document.add(new LongField("date", day, Field.Store.YES));
        for (int i = 0; i < 2; i++) {
            document.add(new TextField(FIELDS[i], article[2 + i], Field.Store.YES));
            document.add(new TextField(FIELDS[i + 2], article[2 + i], Field.Store.NO));
        }
        return document;
    }

    static String open(String index) throws Exception {
        searcher = new IndexSearcher(DirectoryReader.open(FSDirectory.open(Path.of(index))));
        searcher.setQueryCache(null);
        highlighter = new UnifiedHighlighter.Builder(searcher, BOTH).withMaxLength(1 << 20).build();
        warm();
        return "" + searcher.getIndexReader().leaves().size();
    }

    /** Queries of all kinds, so that they are compiled before any is timed. */
    static void warm() throws Exception {
        int all = searcher.getIndexReader().numDocs();
        var words = new ArrayList<String>();
        var terms = MultiTerms.getTerms(searcher.getIndexReader(), "body_exact").iterator();
        for (BytesRef term; (term = terms.next()) != null; )
            if (terms.docFreq() > all / 500 && term.length > 4) words.add(term.utf8ToString());
        String[] kinds = {"word", "and", "or", "phrase", "dated", "prefix"};
        var random = new Random(1);
        Collections.shuffle(words, random);
        for (int i = 0; i < WARMING; i++) {
            String word = words.get(i % words.size()), other = words.get(random.nextInt(words.size()));
            String kind = kinds[i % kinds.length], several = kind.matches("and|or|phrase") ? word + " " + other : word;
            search(query(kind, several, "2015-01-01", "2019-01-01"), i % 2 == 0);
            if (i % 10 == 0) whole(several);
        }
    }

    static Query query(String kind, String typed, String start, String end) throws IOException {
        String[] words = typed.split(" ");
        var query = new BooleanQuery.Builder();
        switch (kind) {
            case "prefix":
                for (int i = 0; i < 2; i++)
                    query.add(new BoostQuery(new PrefixQuery(new Term(FIELDS[i + 2], words[0])), WEIGHTS[i]), BooleanClause.Occur.SHOULD);
                return query.build();
            case "phrase":
                for (int i = 0; i < 2; i++)
                    query.add(new BoostQuery(new PhraseQuery(FIELDS[i], tokens(STEMMED, typed).toArray(String[]::new)), WEIGHTS[i]), BooleanClause.Occur.SHOULD);
                return query.build();
            case "dated":
                long first = LocalDate.parse(start).toEpochDay(), last = LocalDate.parse(end).toEpochDay();
                query.add(LongField.newRangeQuery("date", first, last), BooleanClause.Occur.FILTER);
                break;
            default:
        }
        for (String word : words) query.add(word(word), kind.equals("or") ? BooleanClause.Occur.SHOULD : BooleanClause.Occur.MUST);
        return query.build();
    }

    static Query word(String word) throws IOException {
        var query = new BooleanQuery.Builder();
        String stem = tokens(STEMMED, word).get(0), form = tokens(EXACT, word).get(0);
        for (int i = 0; i < FIELDS.length; i++)
            query.add(new BoostQuery(new TermQuery(new Term(FIELDS[i], i < 2 ? stem : form)), WEIGHTS[i]), BooleanClause.Occur.SHOULD);
        return query.build();
    }

    static List<String> tokens(Analyzer analyzer, String text) throws IOException {
        var found = new ArrayList<String>();
        try (TokenStream stream = analyzer.tokenStream("", text)) {
            var term = stream.addAttribute(CharTermAttribute.class);
            stream.reset();
            while (stream.incrementToken()) found.add(term.toString());
            stream.end();
        }
        return found;
    }

    static TopDocs best(Query query, boolean counted) throws IOException {
        return searcher.search(query, new TopScoreDocCollectorManager(PAGE, null, counted ? Integer.MAX_VALUE : PAGE));
    }

    static long search(Query query, boolean counted) throws IOException {
        TopDocs found = best(query, counted);
        var top = new ArrayList<Map.Entry<String, Float>>();
        var leaves = searcher.getIndexReader().leaves();
        for (ScoreDoc hit : found.scoreDocs) {
            LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(hit.doc, leaves));
            BinaryDocValues ids = leaf.reader().getBinaryDocValues("id");
            ids.advanceExact(hit.doc - leaf.docBase);
            top.add(Map.entry(ids.binaryValue().utf8ToString(), hit.score));
        }
        return counted ? found.totalHits.value : -1;
    }

    static long whole(String typed) throws IOException {
        var words = new BooleanQuery.Builder();
        for (String word : tokens(EXACT, typed)) words.add(word(word), BooleanClause.Occur.MUST);
        Query query = words.build();
        TopDocs found = best(query, true);
        String[] snippets = highlighter.highlight("body", query, found, 1);
        var page = new ArrayList<String>();
        for (int i = 0; i < snippets.length; i++) {
            Document article = searcher.storedFields().document(found.scoreDocs[i].doc, Set.of("id", "title", "date"));
            page.add(article.get("id") + article.get("title") + article.get("date") + snippets[i]);
        }
        return page.size();
    }

    /** Lucene's customs for French, without stop words; its stems without accents. */
    static class French extends Analyzer {
        final boolean stemmed;

        French(boolean stemmed) {
            this.stemmed = stemmed;
        }

        @Override
        protected TokenStreamComponents createComponents(String field) {
            var tokens = new StandardTokenizer();
            TokenStream stream = new LowerCaseFilter(new ElisionFilter(tokens, FrenchAnalyzer.DEFAULT_ARTICLES));
            if (stemmed) stream = new ASCIIFoldingFilter(new SnowballFilter(stream, new FrenchStemmer()));
            return new TokenStreamComponents(tokens, stream);
        }
    }
}
