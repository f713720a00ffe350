package dev.slipway.simulation;
import dev.slipway.rollout.*;
import java.time.Duration;
import org.junit.jupiter.api.Test;
class DebugTest {
    @Test void x() {
        World world = new World(1);
        world.apply(World.DEV, "network: {cidr: 172.17.0.0/16}\nterminationProtection: false\n");
        world.apply(World.WEB, "container: {port: 8000}\nrollout: {strategy: canary}\n");
        world.rollOut(World.WEB, "v1");
        String location = world.plane.rollouts().rollOut(World.WEB, "v2", null, World.by("ann")).location();
        String id = location.substring(location.lastIndexOf('/') + 1);
        for (int i = 0; i < 14; i++) {
            world.timeline.advance(Duration.ofMinutes(1));
            Rollout r = world.plane.rollouts().rollout(World.WEB, id);
            System.out.println("DBG " + world.timeline.instant() + " " + r.stage() + " " + r.groups() + " " + r.verdict());
            System.out.println("DBG   " + world.traffic(World.WEB).byTaskDefinition());
        }
        Rollout r = world.plane.rollouts().rollout(World.WEB, id);
        for (String tg : new String[]{r.groups().live(), r.groups().candidate()}) {
            var g = world.account.cloudWatch().getMetricData(q -> q.startTime(world.timeline.instant().minusSeconds(1200)).endTime(world.timeline.instant()).metricDataQueries(m -> m.id("a").metricStat(s -> s.period(60).stat("Sum").metric(mm -> mm.namespace("AWS/ApplicationELB").metricName("RequestCount").dimensions(d -> d.name("LoadBalancer").value(r.groups().loadBalancer().substring(r.groups().loadBalancer().indexOf("app/"))), d -> d.name("TargetGroup").value(tg.substring(tg.lastIndexOf(':')+1)))))));
            System.out.println("DBG " + tg + " " + g.metricDataResults());
        }
        System.out.println("DBG " + world.store.toString().length());
    }
}
