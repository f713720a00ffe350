package dev.slipway.service;

import dev.slipway.operation.Operation;
import dev.slipway.release.Images;
import dev.slipway.release.Release;
import dev.slipway.store.Store;
import dev.slipway.store.Stored;
import dev.slipway.store.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Lets images of old releases expire when a rollout has succeeded, and retains again that of the release that is live now. The
 * image of the live release, of the one before and of the newest {@code registry.keepReleases} stay whatever happens.
 */
final class ImageRetention {
    /** Beyond those that are kept; releases that fail in a row pile up without being looked at. */
    private static final int WINDOW = 100;
    /** Each takes three calls, and the next rollout goes on. */
    private static final int MAX_PER_ROLLOUT = 5;

    private final Store store;
    private final Images images;

    ImageRetention(Store store, Images images) {
        this.store = store;
        this.images = images;
    }

    /**
     * Changes the registry, and adds to {@code writes} what to record of it.
     *
     * @param before the service until now
     * @param after with the live release and the one before as they are from now on
     * @param writes may have a change of the live release already
     * @return what went wrong, in sentences: the rollout has succeeded all the same
     */
    List<String> update(ServiceRecord before, ServiceRecord after, List<Write> writes) {
        List<String> notes = new ArrayList<>();
        try {
            live(after)
                    .filter(found -> found.value().imageMayExpire())
                    .forEach(found -> retainAgain(after, found, writes, notes));
            candidates(before, after).limit(MAX_PER_ROLLOUT).forEach(found -> {
                images.allowExpiry(after.id(), found.value().number());
                writes.add(new Write.Update<>(found, found.value().withImageMayExpire(true)));
            });
        } catch (SdkException e) {
            notes.add("Which images are kept could not be changed, the next rollout tries again: " + e.getMessage());
        }
        return notes;
    }

    private Stream<Stored<Release>> live(ServiceRecord service) {
        return Stream.ofNullable(service.live())
                .flatMap(number -> store.get(Release.key(service.id(), number)).stream());
    }

    private void retainAgain(ServiceRecord service, Stored<Release> found, List<Write> writes, List<String> notes) {
        Release release = found.value();
        if (images.retainAgain(service.id(), release.digest(), release.number())) {
            Release changed = writes.stream()
                    .filter(write -> write.key().equals(found.key()))
                    .findFirst()
                    .map(write -> (Release) ((Write.Update<?>) write).value())
                    .orElse(release);
            writes.removeIf(write -> write.key().equals(found.key()));
            writes.add(new Write.Update<>(found, changed.withImageMayExpire(false)));
        } else {
            notes.add("The image of release %d has expired; a task that has to start anew cannot pull it."
                    .formatted(release.number()));
        }
    }

    private List<Stored<Release>> newest(ServiceRecord service, int number) {
        return store.stream(Operation.partition(service.id()), Release.SORT, Release.itemType(), true)
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
