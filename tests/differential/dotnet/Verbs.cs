// The table of verbs.
using System;
using System.Collections.Generic;

namespace Differential;

static class Verbs
{
    static readonly Dictionary<string, Func<Run, Step, string>> Plain = new();
    static readonly Dictionary<string, Func<Run, Step, Call>> Calls = new();

    static Verbs()
    {
        SocketSteps.Add(Plain);
        PropertySteps.Add(Plain);
        OptionSteps.Add(Plain);
        AddressSteps.Add(Plain);
        NetworkSteps.Add(Plain);
        OtherSteps.Add(Plain);
        TransferSteps.Add(Plain, Calls);
        ConnectSteps.Add(Calls);
        MessageSteps.Add(Calls);
        FileSteps.Add(Plain, Calls);
        TcpSteps.Add(Plain, Calls);
        ListenerSteps.Add(Plain, Calls);
        UdpSteps.Add(Plain, Calls);
        StreamSteps.Add(Plain, Calls);
        DnsSteps.Add(Plain, Calls);
        ResolverSteps.Add(Plain, Calls);
        foreach (string name in new[] { "receive", "receive-from", "accept" }) Calls["try-" + name] = Calls[name];
    }

    public static bool IsCall(string verb) => Calls.ContainsKey(verb);

    public static Call CallOf(Run run, Step step) => Calls[step.Verb](run, step);

    public static string Play(Run run, Step step) =>
        Plain.TryGetValue(step.Verb, out Func<Run, Step, string> play) ? play(run, step) : throw new Broken(step, "unknown step: " + step.Verb);
}
