import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.stream.Collectors;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.tsp.TimeStampToken;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** One question a line, one answer a line: "2b TAB path" asks veraPDF, "pdfbox TAB path" PDFBox and Bouncy Castle.
    The answer is "ok" or, after "no", a TAB and what is wrong. */
public final class Judge {
    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        var questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = questions.readLine()) != null; ) {
            String[] question = line.split("\t", 2);
            System.out.println(answer(question[0], new File(question[1])).replaceAll("[\r\n]+", " "));
            System.out.flush();
        }
    }

    private static String answer(String judge, File file) {
        try {
            List<String> wrong = judge.equals("pdfbox") ? signatures(file) : conformance(judge, file);
            return wrong.isEmpty() ? "ok" : "no\t" + String.join(" | ", wrong);
        } catch (Exception | NoClassDefFoundError error) {
            return "no\t" + error;
        }
    }

    private static List<String> conformance(String id, File file) throws Exception {
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(id);
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            if (result.isCompliant()) {
                return List.of();
            }
            return result.getTestAssertions().stream()
                    .filter(each -> each.getStatus() == TestAssertion.Status.FAILED)
                    .map(each -> each.getRuleId().getClause() + "-" + each.getRuleId().getTestNumber() + " " + each.getMessage())
                    .distinct().sorted().collect(Collectors.toList());
        }
    }

    /** Every signature holds over its byte range; a document timestamp has the right imprint. */
    private static List<String> signatures(File file) throws Exception {
        List<String> wrong = new ArrayList<>();
        try (PDDocument document = Loader.loadPDF(file)) {
            List<PDSignature> found = document.getSignatureDictionaries();
            if (found.isEmpty()) {
                wrong.add("no signature");
            }
            for (PDSignature signature : found) {
                byte[] content;
                byte[] cms;
                try (var stream = new FileInputStream(file)) {
                    content = signature.getSignedContent(stream);
                }
                cms = signature.getContents();
                if ("ETSI.RFC3161".equals(signature.getSubFilter())) {
                    var token = new TimeStampToken(new CMSSignedData(cms));
                    byte[] digest = MessageDigest.getInstance(token.getTimeStampInfo().getHashAlgorithm().getAlgorithm().getId()).digest(content);
                    if (!Arrays.equals(digest, token.getTimeStampInfo().getMessageImprintDigest())) {
                        wrong.add("another document was timestamped");
                    }
                    wrong.addAll(verified(token.toCMSSignedData()));
                } else {
                    wrong.addAll(verified(new CMSSignedData(new CMSProcessableByteArray(content), cms)));
                }
            }
        }
        return wrong;
    }

    @SuppressWarnings("unchecked")
    private static List<String> verified(CMSSignedData cms) throws Exception {
        List<String> wrong = new ArrayList<>();
        for (SignerInformation signer : cms.getSignerInfos().getSigners()) {
            var holder = (X509CertificateHolder) cms.getCertificates().getMatches(signer.getSID()).iterator().next();
            if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().build(holder))) {
                wrong.add("the signature does not hold");
            }
        }
        return wrong;
    }
}
