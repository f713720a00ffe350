package dev.slipway.service;

import dev.slipway.operation.Transaction;
import dev.slipway.release.Images;
import dev.slipway.release.Release;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Lets images of old releases expire when a rollout has succeeded, and retains again that of the release that is live now. The
 * image of the live release, of the one before and of the newest {@code registry.keepReleases} stay whatever happens.
 */
record ImageRetention(Store store, Images images) {
    /** Beyond those that are kept; releases that fail in a row pile up without being looked at. */
    private static final int WINDOW = 100;
    /** Each takes three calls, and the next rollout goes on. */
    private static final int MAX_PER_ROLLOUT = 5;

    /**
     * What became of it.
     *
     * @param notes what went wrong, in sentences: the rollout has succeeded all the same
     */
    record Outcome(Transaction transaction, List<String> notes) {}

    /**
     * Changes the registry.
     *
     * @param before the service until now
     * @param after with the live release and the one before as they are from now on
     * @param also what is written with it; may have a change of the live release already
     */
    Outcome update(ServiceRecord before, ServiceRecord after, Transaction also) {
        Transaction recorded = also;
        List<String> notes = new ArrayList<>();
        try {
            Optional<Stored<Release>> live = Optional.ofNullable(after.live())
                    .flatMap(number -> store.get(Release.key(after.id(), number)))
                    .filter(found -> found.value().imageMayExpire());
            if (live.isPresent()) {
                Release release = live.get().value();
                if (images.retainAgain(after.id(), release.digest(), release.number())) {
                    recorded = recorded.update(
                            live.get(), recorded.value(live.get()).withImageMayExpire(false));
                } else {
                    notes.add("The image of release %d has expired; a task that has to start anew cannot pull it."
                            .formatted(release.number()));
                }
            }
            for (Stored<Release> found :
                    candidates(before, after).limit(MAX_PER_ROLLOUT).toList()) {
                images.allowExpiry(
                        after.id(), found.value().digest(), found.value().number());
                recorded = recorded.update(found, found.value().withImageMayExpire(true));
            }
        } catch (SdkException e) {
            notes.add("Which images are kept could not be changed, the next rollout tries again: " + e.getMessage());
        }
        return new Outcome(recorded, notes);
    }

    private List<Stored<Release>> newest(ServiceRecord service, int number) {
        return store.stream(service.id().partition(), Release.SORT, Release.ITEM_TYPE, true)
                .limit(number)
                .toList();
    }

    /** Releases beyond those that are kept; and the one that was live before the one before, however old it is. */
    private Stream<Stored<Release>> candidates(ServiceRecord before, ServiceRecord after) {
        int kept = after.declared().registry().keepReleases();
        if (kept == 0) {
            return Stream.of();
        }
        List<Stored<Release>> newest = newest(after, kept + WINDOW);
        int oldestKept =
                newest.size() <= kept ? 0 : newest.get(kept - 1).value().number();
        Stream<Stored<Release>> further = Stream.ofNullable(before.previous())
                .filter(number ->
                        newest.stream().noneMatch(found -> found.value().number() == number))
                .flatMap(number -> store.get(Release.key(after.id(), number)).stream());
        return Stream.concat(newest.stream(), further)
                .filter(found -> found.value().number() < oldestKept)
                .filter(found -> !found.value().imageMayExpire())
                .filter(found -> !Integer.valueOf(found.value().number()).equals(after.live()))
                .filter(found -> !Integer.valueOf(found.value().number()).equals(after.previous()));
    }
}
