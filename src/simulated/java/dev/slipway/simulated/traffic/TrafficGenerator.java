package dev.slipway.simulated.traffic;

import dev.slipway.simulated.ecr.ImageBehaviour;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Tells what the requests of a target group's minute came to. Nothing runs while time passes: the numbers follow from
 * the journal and from dice that belong to the target group (its ARN ends with an id from the account's seed) and to
 * the minute, so whoever asks, whenever, is told the same.
 */
public final class TrafficGenerator implements SentRequests {
    public static final long MINUTE = 60_000;
    // A good service's answers are not all 2xx.
    private static final double REDIRECTS = 0.01;
    private static final double CLIENT_ERRORS = 0.02;
    /** Assumed (docs/assumptions.md): how long requests still go to a task that has just crashed. */
    private static final double UNNOTICED_SECONDS = 2;

    /** Minutes to keep of each target group: an analysis looks back an hour. */
    private static final int REMEMBERED = 70;

    private record Key(String group, long minute) {}

    /** Targets that behave the same, so that one draw does for all of them. */
    private record Alike(String zone, ImageBehaviour behaviour, TrafficTargets.Reach reach) {}

    /** Of the minutes that were asked for, the last. */
    private final class Newest extends LinkedHashMap<Key, TrafficMinute> {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, TrafficMinute> eldest) {
            return size() > REMEMBERED * Math.max(30, journal.groups());
        }
    }

    private final TrafficHistory journal;
    private final TrafficRates rates;
    private final RequestFilter firewall;
    private final String firstZone;
    private final Map<Key, TrafficMinute> sent = new Newest();
    private final Map<Key, TrafficMinute> told = new Newest();

    public TrafficGenerator(TrafficHistory journal, TrafficRates rates, RequestFilter firewall, String firstZone) {
        this.journal = journal;
        this.rates = rates;
        this.firewall = firewall;
        this.firstZone = firstZone;
    }

    /** Where a request that somebody sent on purpose is counted: beside those that are made up. */
    TrafficCounts sent(String group, String zone, long time) {
        return sent.computeIfAbsent(new Key(group, time / MINUTE * MINUTE), key -> new TrafficMinute())
                .zone(zone);
    }

    /** A minute that is over, by its start. */
    public TrafficMinute minute(String group, long start) {
        if (journal.targets(group) == null && journal.rules(group).isEmpty()) {
            return TrafficMinute.NOTHING;
        }
        return told.computeIfAbsent(new Key(group, start), this::tell);
    }

    @Override
    public List<Sent> at(String loadBalancer, long time) {
        List<Sent> all = new ArrayList<>();
        journal.rulesOf(loadBalancer).forEach((rule, history) -> {
            TrafficHistory.RuleState state = history.at(time);
            if (state != null && !state.shares().isEmpty()) {
                double perMinute = rates.at(rule, state, time);
                rates.senders(rule, time).forEach(senders -> all.add(new Sent(senders, perMinute * senders.share())));
            }
        });
        return all;
    }

    /** 0–1: the requests of a rule that a firewall lets through at a time. */
    public double admitted(String rule, long time) {
        String loadBalancer = TrafficHistory.loadBalancer(rule);
        return rates.senders(rule, time).stream()
                .filter(senders -> firewall.admits(loadBalancer, senders, time))
                .mapToDouble(Senders::share)
                .sum();
    }

    /** Requests a minute that a group gets at a time. */
    double perMinute(String group, long time) {
        double rate = 0;
        for (Map.Entry<String, ValueHistory<TrafficHistory.RuleState>> rule :
                journal.rules(group).entrySet()) {
            TrafficHistory.RuleState state = rule.getValue().at(time);
            Double share = state == null ? null : state.shares().get(group);
            if (state != null && share != null) {
                rate += share * rates.at(rule.getKey(), state, time) * admitted(rule.getKey(), time);
            }
        }
        return rate;
    }

    private TrafficMinute tell(Key key) {
        long end = key.minute() + MINUTE;
        TrafficMinute minute = new TrafficMinute();
        TrafficRandom random = TrafficRandom.of(key.group(), key.minute());
        ValueHistory<TrafficTargets> log = journal.targets(key.group());
        TreeSet<Long> cuts = new TreeSet<>(List.of(key.minute(), end));
        if (log != null) {
            log.changes(key.minute(), end, cuts::add);
        }
        journal.rules(key.group()).values().forEach(rule -> rule.changes(key.minute(), end, cuts::add));
        rates.changes(key.minute(), end, cuts::add);
        journal.rules(key.group()).keySet().stream()
                .map(TrafficHistory::loadBalancer)
                .distinct()
                .forEach(balancer -> firewall.changes(balancer, key.minute(), end, cuts::add));
        for (long from = key.minute(); from < end; from = cuts.higher(from)) {
            TrafficTargets targets = log == null ? null : log.at(from);
            double perMinute = perMinute(key.group(), from);
            double requests = perMinute * (cuts.higher(from) - from) / MINUTE;
            spread(minute, targets == null ? TrafficTargets.NONE : targets, perMinute, requests, random);
        }
        journal.crashes(key.group()).stream()
                .filter(crash -> crash.at() >= key.minute() && crash.at() < end)
                .forEach(crash -> crash(minute, key.group(), crash, random));
        TrafficMinute onPurpose = sent.get(key);
        if (onPurpose != null) {
            onPurpose.zones().forEach((zone, counts) -> minute.zone(zone).add(counts));
        }
        return minute;
    }

    /** Round robin: every receiving target gets as many. */
    private void spread(
            TrafficMinute minute, TrafficTargets targets, double perMinute, double requests, TrafficRandom random) {
        if (requests <= 0) {
            return;
        }
        List<TrafficTargets.Target> receiving = targets.receiving();
        if (receiving.isEmpty()) {
            minute.zone(firstZone).unavailable += random.poisson(requests);
            return;
        }
        Map<Alike, Integer> alike = new LinkedHashMap<>();
        receiving.forEach(
                target -> alike.merge(new Alike(target.zone(), target.behaviour(), target.reach()), 1, Integer::sum));
        double perTask = perMinute / receiving.size();
        alike.forEach((kind, count) -> requests(
                minute.zone(kind.zone()), kind, perTask, random.poisson(requests * count / receiving.size()), random));
    }

    private void requests(TrafficCounts counts, Alike kind, double perTask, int requests, TrafficRandom random) {
        counts.requests += requests;
        switch (kind.reach()) {
            case GONE -> counts.timeouts += requests;
            case REFUSES -> {
                counts.refused += requests;
                counts.badGateway += requests;
            }
            case ANSWERS -> answered(counts, kind, perTask, requests, random);
        }
    }

    private void answered(TrafficCounts counts, Alike kind, double perTask, int requests, TrafficRandom random) {
        ImageBehaviour image = kind.behaviour();
        int killed = random.binomial(requests, image.killedPercent() / 100);
        int answers = requests - killed;
        int errors = random.binomial(answers, image.errors(true, kind.zone().equals(firstZone)));
        int clientErrors = random.binomial(answers - errors, CLIENT_ERRORS);
        int redirects = random.binomial(answers - errors - clientErrors, REDIRECTS);
        counts.badGateway += killed;
        counts.answers[5] += errors;
        counts.answers[4] += clientErrors;
        counts.answers[3] += redirects;
        counts.answers[2] += answers - errors - clientErrors - redirects;
        if (answers > 0) {
            TrafficLatency.add(counts.latencies(), answers, image.slowness(perTask), random);
        }
    }

    private void crash(TrafficMinute minute, String group, TrafficHistory.Crash crash, TrafficRandom random) {
        double perSecond = perMinute(group, crash.at()) / 60;
        int lost = random.poisson(perSecond * crash.share() * UNNOTICED_SECONDS);
        TrafficCounts counts = minute.zone(crash.zone());
        counts.requests += lost;
        counts.refused += lost;
        counts.badGateway += lost;
    }
}
