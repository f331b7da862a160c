// Records of the name system, and the server that answers for them. The resolver is new in .NET 11 and this program is
// built for 10, so it is found by its name.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Differential;

static class ResolverSteps
{
    const int NameEnd = 12;

    static readonly string[] Types = { "A", "NS", "CNAME", "SOA", "PTR", "MX", "TXT", "AAAA", "SRV" };
    static readonly int[] Numbers = { 1, 2, 5, 6, 12, 15, 16, 28, 33 };

    public static void Add(Dictionary<string, Func<Run, Step, string>> plain, Dictionary<string, Func<Run, Step, Call>> calls)
    {
        plain["answer-name"] = AnswerName;
        calls["dns-records"] = Records;
    }

    public static bool Exists => TypeOf("DnsResolver") != null;

    static Type TypeOf(string name) => Type.GetType($"System.Net.{name}, System.Net.NameResolution");

    // dns-records TYPE NAME SERVER

    static IDisposable Resolver(EndPoint server)
    {
        object options = Activator.CreateInstance(TypeOf("DnsResolverOptions"));
        options.GetType().GetProperty("Servers").SetValue(options, new List<IPEndPoint> { (IPEndPoint)server });
        return (IDisposable)Activator.CreateInstance(TypeOf("DnsResolver"), options);
    }

    static Call Records(Run run, Step step)
    {
        string method = "Resolve" + step[0].Text;
        string name = step[1].Is("null") ? null : step[1].Text;
        EndPoint server = Values.EndPoint(run, step, step[2]);
        object Invoke(IDisposable resolver, string method, Type[] types, object[] arguments) =>
            resolver.GetType().GetMethod(method, types).Invoke(resolver, arguments);
        return new Call
        {
            Blocking = () =>
            {
                using IDisposable resolver = Resolver(server);
                return Show(Invoke(resolver, method, new[] { typeof(string) }, new object[] { name }));
            },
            Task = async token =>
            {
                using IDisposable resolver = Resolver(server);
                var task = (Task)Invoke(resolver, method + "Async", new[] { typeof(string), typeof(CancellationToken) }, new object[] { name, token });
                await task;
                return Show(task.GetType().GetProperty("Result").GetValue(task));
            },
        };
    }

    static T Get<T>(object from, string name) => (T)from.GetType().GetProperty(name).GetValue(from);

    static long Seconds(object from, string name) => (long)Get<TimeSpan>(from, name).TotalSeconds;

    static string Show(object result) =>
        $"ok {Get<object>(result, "ResponseCode")} {Seconds(result, "NegativeCacheTtl")}" +
        string.Concat(Get<IEnumerable>(result, "Records").Cast<object>().Select(ShowRecord));

    static string ShowRecord(object record) => record.GetType().Name switch
    {
        "AddressRecord" => $" {Get<IPAddress>(record, "Address")}",
        "CNameRecord" => $" {Get<string>(record, "CanonicalName")}",
        "MxRecord" => $" {Get<ushort>(record, "Preference")},{Get<string>(record, "Exchange")}",
        "SrvRecord" => $" {Get<ushort>(record, "Priority")},{Get<ushort>(record, "Weight")},{Get<ushort>(record, "Port")},{Get<string>(record, "Target")}",
        "TxtRecord" => " " + string.Concat(Get<IEnumerable<string>>(record, "Values").Select(value => $"\"{value}\"")),
        _ => $" {Get<string>(record, "Name")}",
    } + $"/{Seconds(record, "Ttl")}" + (record.GetType().Name == "SrvRecord" ? string.Concat(Get<IEnumerable>(record, "Addresses").Cast<object>().Select(ShowRecord)) : "");

    // answer-name SERVER CODE [RECORD...]: see ../player/step_resolver.c

    static void Put(List<byte> to, long number, int bytes)
    {
        while (bytes-- > 0) to.Add((byte)(number >> (8 * bytes)));
    }

    static void PutName(List<byte> to, string name)
    {
        foreach (string label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            to.Add((byte)label.Length);
            to.AddRange(Encoding.ASCII.GetBytes(label));
        }
        to.Add(0);
    }

    static List<byte> Value(string type, Queue<string> words)
    {
        var value = new List<byte>();
        switch (type)
        {
            case "A" or "AAAA": value.AddRange(IPAddress.Parse(words.Dequeue()).GetAddressBytes()); break;
            case "TXT":
                while (words.Count > 0)
                {
                    value.Add((byte)words.Peek().Length);
                    value.AddRange(Encoding.ASCII.GetBytes(words.Dequeue()));
                }
                break;
            case "SOA":
                PutName(value, "ns.example");
                PutName(value, "host.example");
                for (int i = 0; i < 4; i++) Put(value, 1, 4);
                Put(value, long.Parse(words.Dequeue()), 4);
                break;
            default:
                for (int i = type == "MX" ? 1 : type == "SRV" ? 3 : 0; i > 0; i--) Put(value, long.Parse(words.Dequeue()), 2);
                PutName(value, words.Dequeue());
                break;
        }
        return value;
    }

    static void PutRecord(List<byte> to, Step step, string record)
    {
        var words = new Queue<string>(record.Split(' '));
        if (record[0] == '+') PutName(to, words.Dequeue()[1..]);
        else Put(to, 0xc000 | NameEnd, 2);
        string type = words.Dequeue();
        int index = Array.IndexOf(Types, type);
        if (index < 0) throw new Broken(step, "no type of records");
        Put(to, Numbers[index], 2);
        Put(to, 1, 2);
        Put(to, long.Parse(words.Dequeue()), 4);
        List<byte> value = Value(type, words);
        Put(to, value.Count, 2);
        to.AddRange(value);
    }

    static int PartOf(string record) => record[0] == '+' ? 2 : record.StartsWith("SOA", StringComparison.Ordinal) ? 1 : 0;

    static string AnswerName(Run run, Step step)
    {
        Socket server = run.Socket(step, step[0]);
        var room = new byte[512];
        EndPoint asker = new IPEndPoint(IPAddress.Any, 0);
        int size = server.ReceiveFrom(room, ref asker);
        int name = NameEnd;
        while (name < size && room[name] != 0) name += room[name] + 1;
        var answer = new List<byte>(room.Take(name + 5));
        answer[2] = 0x81;
        answer[3] = (byte)(0x80 | int.Parse(step[1].Text));
        for (int i = 6; i < 12; i++) answer[i] = 0;
        for (int part = 0; part < 3; part++)
        {
            for (int i = 2; i < step.Count; i++)
            {
                if (PartOf(step[i].Text) != part) continue;
                PutRecord(answer, step, step[i].Text);
                answer[7 + 2 * part]++;
            }
        }
        server.SendTo(answer.ToArray(), asker);
        return "ok";
    }
}
