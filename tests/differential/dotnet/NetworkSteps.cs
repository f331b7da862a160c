// Steps about end points and networks as values.
using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Differential;

static class NetworkSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain)
    {
        plain["parse-endpoint"] = (_, step) => Show(IPEndPoint.Parse(step[0].Is("null") ? null : step[0].Text));
        plain["endpoint"] = (run, step) => Show(new IPEndPoint(AddressOf(step, step[0]), Values.Int(run, step, step[1])));
        plain["unix-endpoint"] = (_, step) => Show(new UnixDomainSocketEndPoint(step[0].Is("null") ? null : step[0].Text));
        plain["dns-endpoint"] = Dns;
        plain["endpoint-equals"] = AreEqual;
        plain["endpoint-set"] = Set;
        plain["endpoint-parts"] = Parts;
        plain["endpoint-bytes"] = Bytes;
        plain["endpoint-from-bytes"] = FromBytes;
        plain["maximum-size"] = (_, step) => $"ok {SocketAddress.GetMaximumAddressSize(Values.Name<AddressFamily>(step, step[0]))}";
        plain["parse-network"] = (_, step) => "ok " + IPNetwork.Parse(step[0].Is("null") ? null : step[0].Text);
        plain["network"] = (run, step) => "ok " + new IPNetwork(AddressOf(step, step[0]), Values.Int(run, step, step[1]));
        plain["network-parts"] = NetworkParts;
        plain["network-contains"] = Contains;
        plain["network-equals"] = NetworksAreEqual;
    }

    static string Show(EndPoint endpoint) => "ok" + Output.Bytes(Encoding.UTF8.GetBytes(endpoint.ToString()));

    static IPAddress AddressOf(Step step, Word word) => word.Is("null") ? null : Values.Address(step, word);

    static string Dns(Run run, Step step)
    {
        string host = step[0].Is("null") ? null : step[0].Text;
        int port = Values.Int(run, step, step[1]);
        return Show(step.Count > 2 ? new DnsEndPoint(host, port, Values.Name<AddressFamily>(step, step[2])) : new DnsEndPoint(host, port));
    }

    static string AreEqual(Run run, Step step)
    {
        EndPoint a = Values.EndPoint(run, step, step[0]);
        EndPoint b = Values.EndPoint(run, step, step[1]);
        return "ok" + Output.Bool(a.Equals(b)) + (a.Equals(b) ? Output.Bool(a.GetHashCode() == b.GetHashCode()) : "");
    }

    static string Set(Run run, Step step)
    {
        var endpoint = (IPEndPoint)Values.EndPoint(run, step, step[0]);
        if (step[1].Is("Port")) endpoint.Port = Values.Int(run, step, step[2]);
        else endpoint.Address = Values.Address(step, step[2]);
        return Show(endpoint);
    }

    static string Parts(Run run, Step step)
    {
        EndPoint endpoint = Values.EndPoint(run, step, step[0]);
        return $"ok {endpoint.AddressFamily}" + endpoint switch
        {
            DnsEndPoint dns => $" {dns.Host} {dns.Port}",
            IPEndPoint ip => $" {ip.Port}",
            _ => "",
        };
    }

    static string Bytes(Run run, Step step)
    {
        SocketAddress address = Values.EndPoint(run, step, step[0]).Serialize();
        return "ok" + Output.Hex(address.Buffer.Span[..address.Size]) + " " + address;
    }

    static string FromBytes(Run run, Step step)
    {
        byte[] bytes = Values.Hex(step[0]);
        int family = BitConverter.ToUInt16(bytes);
        AddressFamily known = family switch { 1 => AddressFamily.Unix, 2 => AddressFamily.InterNetwork, _ => AddressFamily.InterNetworkV6 };
        var address = new SocketAddress(known, bytes.Length);
        bytes.CopyTo(address.Buffer.Span);
        EndPoint prototype = family switch
        {
            1 => new UnixDomainSocketEndPoint("prototype"),
            2 => new IPEndPoint(IPAddress.Any, 0),
            _ => new IPEndPoint(IPAddress.IPv6Any, 0),
        };
        return Show(prototype.Create(address));
    }

    static IPNetwork NetworkOf(Step step, Word word) =>
        word.Is("default") ? default : IPNetwork.TryParse(word.Text, out IPNetwork network) ? network : throw new Broken(step, "not a network: " + word.Text);

    static string NetworkParts(Run run, Step step)
    {
        IPNetwork network = NetworkOf(step, step[0]);
        return $"ok {network.BaseAddress} {network.PrefixLength}";
    }

    static string Contains(Run run, Step step) =>
        "ok" + Output.Bool(NetworkOf(step, step[0]).Contains(Values.Address(step, step[1])));

    static string NetworksAreEqual(Run run, Step step)
    {
        IPNetwork a = NetworkOf(step, step[0]);
        IPNetwork b = NetworkOf(step, step[1]);
        return "ok" + Output.Bool(a.Equals(b)) + (a.Equals(b) ? Output.Bool(a.GetHashCode() == b.GetHashCode()) : "");
    }
}
