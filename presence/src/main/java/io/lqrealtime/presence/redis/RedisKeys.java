package io.lqrealtime.presence.redis;

import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.presence.Owner;

/**
 * Every key that is kept in Redis, its type and its life. {@code lq} is the prefix.
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><th>key</th><th>type</th><th>holds</th><th>life</th></tr>
 * <tr><td>{@code lq:{TENANT}:members:PLACE}</td><td>hash</td>
 *     <td>connection → entry ({@link RedisEntry})</td>
 *     <td>from the first join to the last leave, purge or sweep</td></tr>
 * <tr><td>{@code lq:{TENANT}:members:!USER}, the same key as above</td><td>hash</td>
 *     <td>the empty field, and no other → when the user was last seen, in ms of the server's
 *     clock</td>
 *     <td>from the user's last leave to the next join, or to the end of its time to live ({@code
 *     LQ_PRESENCE_LAST_SEEN})</td></tr>
 * <tr><td>{@code lq:{TENANT}:index:GATEWAY:GENERATION}</td><td>hash</td>
 *     <td>place → number of this owner's members; the empty field → its last stamp</td>
 *     <td>from the owner's first join in the tenant until it is swept</td></tr>
 * <tr><td>{@code lq:{gateways}:leases}</td><td>hash</td>
 *     <td>gateway → {@code generation expiry}, the expiry in ms of the server's clock; and after
 *     it {@code *}, or the names of tenants, if it knows what is not written yet</td>
 *     <td>a field goes when it is released, or first observed after it ran out</td></tr>
 * <tr><td>{@code lq:{gateways}:marker}</td><td>string</td>
 *     <td>{@code epoch millis run}: a random token, since when by the server's clock, and the
 *     server's run id</td>
 *     <td>for ever: that it is gone, or of another run, tells of a loss</td></tr>
 * <tr><td>{@code lq:{gateways}:written}</td><td>hash</td>
 *     <td>gateway → {@code generation epoch} of the last view that it wrote whole</td>
 *     <td>a field goes when its owner is swept</td></tr>
 * <tr><td>{@code lq:{gateways}:owners}</td><td>set</td>
 *     <td>{@code gateway generation} of every owner that may have entries</td>
 *     <td>an element goes when its owner is swept</td></tr>
 * <tr><td>{@code lq:{gateways}:tenants:GATEWAY:GENERATION}</td><td>set</td>
 *     <td>the tenants in which this owner may have entries</td>
 *     <td>until the owner is swept</td></tr>
 * </table>
 *
 * <p>PLACE is a channel's name, or {@code !} and a user's id. Only a key that says when a user was
 * last seen has a time to live, and nothing is renewed but a gateway's field in {@code leases}:
 * entries of a generation without a lease are void wherever they lie. A server that evicts ({@code
 * maxmemory-policy}) should be set to {@code noeviction} or a {@code volatile-} policy.
 *
 * <p>On a cluster the hash tags keep all that a script touches in one slot: a tenant's keys in the
 * slot of its name, the gateways' keys in one. No name holds a brace. An empty field is no place
 * and no connection: these have at least one character.
 */
final class RedisKeys {
  private final String prefix;

  RedisKeys(String prefix) {
    this.prefix = prefix;
  }

  String members(TenantId tenant, Place place) {
    return prefix + ":{" + tenant.value() + "}:members:" + place.placeName();
  }

  String index(TenantId tenant, Owner owner) {
    return prefix
        + ":{"
        + tenant.value()
        + "}:index:"
        + owner.gateway().value()
        + ':'
        + owner.generation();
  }

  String leases() {
    return prefix + ":{gateways}:leases";
  }

  String marker() {
    return prefix + ":{gateways}:marker";
  }

  String written() {
    return prefix + ":{gateways}:written";
  }

  String owners() {
    return prefix + ":{gateways}:owners";
  }

  String tenants(Owner owner) {
    return prefix + ":{gateways}:tenants:" + owner.gateway().value() + ':' + owner.generation();
  }
}
