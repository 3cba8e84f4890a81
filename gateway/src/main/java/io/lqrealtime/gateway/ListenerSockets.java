package io.lqrealtime.gateway;

import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** How many sockets a port holds, upgraded or not, as XNIO tells in JMX and nowhere else. */
final class ListenerSockets {
  private ListenerSockets() {}

  /** NaN where XNIO does not tell. */
  static double count(InetSocketAddress address) {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    try {
      for (ObjectName name : beans.queryNames(new ObjectName("org.xnio:type=Xnio,*"), null)) {
        String bound = name.getKeyProperty("address");
        if (bound != null && bound.endsWith(":" + address.getPort() + '"')) {
          return ((Number) beans.getAttribute(name, "ConnectionCount")).doubleValue();
        }
      }
    } catch (JMException e) {
      // The port has been closed meanwhile.
      return Double.NaN;
    }
    return Double.NaN;
  }
}
