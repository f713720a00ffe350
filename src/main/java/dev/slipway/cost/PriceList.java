package dev.slipway.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** AWS's prices as {@code prices.json} has them; {@code scripts/prices} renews it. */
public final class PriceList {
    private final Map<String, Prices> regions;

    private PriceList(Map<String, Prices> regions) {
        this.regions = regions;
    }

    /** The list that ships with the control plane. */
    public static PriceList load() {
        try (InputStream in = PriceList.class.getResourceAsStream("/prices.json")) {
            if (in == null) {
                throw new IllegalStateException("no prices.json");
            }
            return of(new ObjectMapper().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Throws {@link IllegalArgumentException} for a price that is there twice, or is for nothing that is known. */
    static PriceList of(JsonNode list) {
        Map<String, Item> items = new TreeMap<>();
        for (Item item : Item.values()) {
            if (!list.path("items").has(item.key())) {
                throw new IllegalArgumentException("what is " + item.key() + " for?");
            }
            items.put(item.key(), item);
        }
        Map<String, Prices> regions = new TreeMap<>();
        list.path("regions").properties().forEach(region -> {
            Map<Item, Prices.Price> prices = new EnumMap<>(Item.class);
            for (JsonNode part : region.getValue()) {
                LocalDate date = LocalDate.parse(part.path("date").asText());
                part.path("prices").properties().forEach(price -> {
                    Item item = items.get(price.getKey());
                    if (item == null || !price.getValue().isNumber()) {
                        throw new IllegalArgumentException("no price: " + price);
                    }
                    String per = list.path("items").path(item.key()).path("per").asText();
                    if (prices.put(item, new Prices.Price(price.getValue().asDouble(), per, date)) != null) {
                        throw new IllegalArgumentException(region.getKey() + " has " + item.key() + " twice");
                    }
                });
            }
            regions.put(region.getKey(), new Prices(region.getKey(), prices));
        });
        return new PriceList(regions);
    }

    /** {@link Prices#isEmpty} for a region whose prices are not known. */
    public Prices in(String region) {
        return regions.getOrDefault(region, new Prices(region, Map.of()));
    }

    public Set<String> regions() {
        return new TreeSet<>(regions.keySet());
    }
}
