package dev.slipway.aws;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** The texts of an XML answer by the name of their element, in order: the answers that we read are flat where it matters. */
final class XmlTexts {
    private final Map<String, List<String>> texts;

    private XmlTexts(Map<String, List<String>> texts) {
        this.texts = texts;
    }

    /** An answer that is no XML has no texts: proxies answer with pages of their own. */
    static XmlTexts of(String xml) {
        Map<String, List<String>> texts = new HashMap<>();
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(xml));
            StringBuilder text = new StringBuilder();
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> text.setLength(0);
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> text.append(reader.getText());
                    case XMLStreamConstants.END_ELEMENT -> {
                        texts.computeIfAbsent(reader.getLocalName(), name -> new ArrayList<>())
                                .add(text.toString().strip());
                        text.setLength(0);
                    }
                    default -> {}
                }
            }
        } catch (XMLStreamException e) {
            return new XmlTexts(Map.of());
        }
        return new XmlTexts(texts);
    }

    List<String> all(String element) {
        return texts.getOrDefault(element, List.of());
    }

    String first(String element) {
        return all(element).isEmpty() ? "" : all(element).getFirst();
    }
}
