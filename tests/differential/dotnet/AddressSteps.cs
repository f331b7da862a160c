// Steps about addresses as values.
using System;
using System.Collections.Generic;
using System.Net;

namespace Differential;

static class AddressSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain)
    {
        plain["parse-address"] = (_, step) => "ok " + IPAddress.Parse(step[0].Is("null") ? null : step[0].Text);
        plain["address-from-bytes"] = FromBytes;
        plain["address-from-number"] = (run, step) => "ok " + new IPAddress(Values.Number(run, step, step[0]));
        plain["address"] = All;
        plain["address-part"] = Part;
        plain["address-set-scope"] = SetScope;
        plain["address-equals"] = AreEqual;
        plain["address-write-bytes"] = WriteBytes;
        plain["byte-order"] = ByteOrder;
        plain["known-addresses"] = Known;
    }

    static string FromBytes(Run run, Step step)
    {
        byte[] bytes = step[0].Is("null") ? null : Values.Hex(step[0]);
        return "ok " + (step.Count > 1 ? new IPAddress(bytes, Values.Number(run, step, step[1])) : new IPAddress(bytes));
    }

    static string All(Run run, Step step)
    {
        IPAddress address = Values.Address(step, step[0]);
        string text = "ok " + address.AddressFamily;
        if (IPAddress.IsLoopback(address)) text += " IsLoopback";
        if (address.IsIPv4MappedToIPv6) text += " IsIPv4MappedToIPv6";
        if (address.IsIPv6LinkLocal) text += " IsIPv6LinkLocal";
        if (address.IsIPv6Multicast) text += " IsIPv6Multicast";
        if (address.IsIPv6SiteLocal) text += " IsIPv6SiteLocal";
        if (address.IsIPv6Teredo) text += " IsIPv6Teredo";
        if (address.IsIPv6UniqueLocal) text += " IsIPv6UniqueLocal";
        return text;
    }

    static string Part(Run run, Step step)
    {
        IPAddress address = Values.Address(step, step[0]);
        return step[1].Text switch
        {
            "ScopeId" => $"ok {address.ScopeId}",
            "Address" => $"ok {address.Address}",
            "MapToIPv4" => $"ok {address.MapToIPv4()}",
            "MapToIPv6" => $"ok {address.MapToIPv6()}",
            "Bytes" => "ok" + Output.Hex(address.GetAddressBytes()),
            _ => throw new Broken(step, "unknown part: " + step[1].Text),
        };
    }

    static string SetScope(Run run, Step step)
    {
        IPAddress address = Values.Address(step, step[0]);
        address.ScopeId = Values.Number(run, step, step[1]);
        return "ok " + address;
    }

    static string AreEqual(Run run, Step step)
    {
        IPAddress a = Values.Address(step, step[0]);
        IPAddress b = Values.Address(step, step[1]);
        return "ok" + Output.Bool(a.Equals(b)) + Output.Bool(a.GetHashCode() == b.GetHashCode());
    }

    static string WriteBytes(Run run, Step step)
    {
        byte[] bytes = new byte[Math.Min(32, Values.Number(run, step, step[1]))];
        bool fits = Values.Address(step, step[0]).TryWriteBytes(bytes, out int written);
        return "ok" + Output.Bool(fits) + $" {written}";
    }

    static string ByteOrder(Run run, Step step)
    {
        long number = Values.Number(run, step, step[1]);
        switch (Values.Number(run, step, step[0]))
        {
            case 16:
                short two = IPAddress.HostToNetworkOrder(unchecked((short)number));
                return $"ok {two} {IPAddress.NetworkToHostOrder(two)}";
            case 32:
                int four = IPAddress.HostToNetworkOrder(unchecked((int)number));
                return $"ok {four} {IPAddress.NetworkToHostOrder(four)}";
            default:
                long eight = IPAddress.HostToNetworkOrder(number);
                return $"ok {eight} {IPAddress.NetworkToHostOrder(eight)}";
        }
    }

    static string Known(Run run, Step step) =>
        $"ok Any={IPAddress.Any} Loopback={IPAddress.Loopback} Broadcast={IPAddress.Broadcast} None={IPAddress.None}" +
        $" IPv6Any={IPAddress.IPv6Any} IPv6Loopback={IPAddress.IPv6Loopback} IPv6None={IPAddress.IPv6None}";
}
