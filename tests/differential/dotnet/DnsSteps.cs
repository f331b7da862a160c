// Names: what the resolver answers without a network.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;

namespace Differential;

static class DnsSteps
{
    public static void Add(Dictionary<string, Func<Run, Step, string>> plain, Dictionary<string, Func<Run, Step, Call>> calls)
    {
        plain["dns-host-name"] = (_, _) =>
            "ok" + Output.Bool(Dns.GetHostName() == File.ReadAllText("/proc/sys/kernel/hostname").TrimEnd('\n'));
        calls["dns-addresses"] = Addresses;
        calls["dns-entry"] = Entry;
        calls["dns-entry-address"] = EntryByAddress;
    }

    static string Show(IPAddress[] list) => string.Concat(list.Select(address => " " + address));

    static string Show(IPHostEntry entry) => $"ok {entry.HostName}" + Show(entry.AddressList);

    static string HostOf(Step step) => step[0].Is("null") ? null : step[0].Text;

    static AddressFamily FamilyOf(Step step) => step.Count > 1 ? Values.Name<AddressFamily>(step, step[1]) : AddressFamily.Unspecified;

    static Call Addresses(Run run, Step step) => new()
    {
        Blocking = () => "ok" + Show(Dns.GetHostAddresses(HostOf(step), FamilyOf(step))),
        Task = async token => "ok" + Show(await Dns.GetHostAddressesAsync(HostOf(step), FamilyOf(step), token)),
    };

    static Call Entry(Run run, Step step) => new()
    {
        Blocking = () => Show(Dns.GetHostEntry(HostOf(step), FamilyOf(step))),
        Task = async token => Show(await Dns.GetHostEntryAsync(HostOf(step), FamilyOf(step), token)),
    };

    static Call EntryByAddress(Run run, Step step)
    {
        IPAddress address = step[0].Is("null") ? null : Values.Address(step, step[0]);
        return new Call
        {
            Blocking = () => Show(Dns.GetHostEntry(address)),
            Task = async _ => Show(await Dns.GetHostEntryAsync(address)),
        };
    }
}
